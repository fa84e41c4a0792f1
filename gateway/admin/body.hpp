// The JSON content of a request, read strictly: the right media type, one object, no member twice, none that is
// unknown. All that is wrong is said at once.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/result.hpp"
#include "gateway/admin/message.hpp"

namespace gatehouse::admin {

/// The object a PATCH carries, with no members but these.
Result<boost::json::object, Answer> read_object(const Request& request, std::initializer_list<std::string_view> known);
/// For requests that need no content: none, or an empty object.
Result<void, Answer> read_nothing(const Request& request);

/// What is wrong with the members of an object, collected.
class BodyErrors {
 public:
  /// About one member; about the whole object when it has no name.
  void add(std::string_view member, std::string detail);
  bool empty() const noexcept { return errors_.empty(); }
  /// 422, with all of them.
  Answer answer() const;

 private:
  std::vector<BodyError> errors_;
};

}  // namespace gatehouse::admin
