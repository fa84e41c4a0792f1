// A request to the admin API and its answer, free of sockets, and the answers that errors get: problem documents of
// RFC 9457, each saying in plain words what is wrong and, where it can, what was meant.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::admin {

struct Request {
  std::string method;
  std::string target;  // origin form, as received
  std::string host;    // Host, or empty
  std::optional<std::string> origin;
  std::string fetch_site;  // Sec-Fetch-Site, which browsers add
  std::string content_type;
  std::string body;
};

struct Answer {
  unsigned status{200};
  std::string content_type{"application/json"};
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // Allow and the like
};

using Respond = std::function<void(Answer)>;

/// One thing that is wrong with a request's content; `pointer` is a JSON pointer (RFC 6901), "" the whole.
struct BodyError {
  std::string pointer;
  std::string detail;
};

Answer problem(unsigned status, std::string_view detail, const std::vector<BodyError>& errors = {});
/// The same with one more member, which is JSON already.
Answer problem_with(unsigned status, std::string_view detail, std::string_view member, std::string_view json);

}  // namespace gatehouse::admin
