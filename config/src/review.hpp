// The checks that look at more than one value: names that have to exist or be unique, rules of an ALB, settings that
// contradict each other or have no effect. Run on the finished structs; never changes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "places.hpp"

namespace gatehouse::config {

/// Where the checks put what they find: knows the place of each field.
class Findings {
 public:
  Findings(const std::string& file, const Places& places, Problems& problems)
      : file_(file), places_(places), problems_(problems) {}

  void error(const std::string& field, std::string message, std::string hint = {}) {
    add(Severity::error, field, std::move(message), std::move(hint));
  }
  void warning(const std::string& field, std::string message, std::string hint = {}) {
    add(Severity::warning, field, std::move(message), std::move(hint));
  }
  /// Whether the field stands in the file.
  bool given(const std::string& field) const { return places_.has(field); }
  /// Whether something in the field has been refused already, so that what it is now says nothing.
  bool refused(const std::string& field) const;
  int line_of(const std::string& field) const { return places_.find(field).line; }

 private:
  void add(Severity severity, const std::string& field, std::string message, std::string hint);

  const std::string& file_;
  const Places& places_;
  Problems& problems_;
};

void review(const Config& config, Findings& findings);
void review_listeners(const Config& config, Findings& findings);
void review_target_groups(const Config& config, Findings& findings);
void review_static_site(const TargetGroup& group, const std::string& field, Findings& findings);
void review_web_acls(const Config& config, Findings& findings);
void review_cache(const Config& config, Findings& findings);
void review_geo(const Config& config, Findings& findings);
void review_response_headers(const Config& config, Findings& findings);
void review_cloudfront(const Config& config, Findings& findings);
/// Lists whose behavior makes no use of them, and behaviors whose list is missing.
void review_lists(const HeadersConfig& headers, const CookiesConfig& cookies, const QueryStringsConfig& query_strings,
                  const std::string& field, Findings& findings);
/// Header fields that cannot be in a key.
void review_key_headers(const CachePolicy& policy, const std::string& field, Findings& findings);
void review_signing(const Config& config, Findings& findings);
void review_origin_settings(const TargetGroup& group, const std::string& field, Findings& findings);
void review_action(const Config& config, const Listener& listener, const Action& action, const std::string& field,
                   Findings& findings);

/// A value that has to be unique, and the field it stands in.
struct Unique {
  std::string value;
  std::string field;
};

/// Reports each value that stands there a second time.
void refuse_duplicates(const std::vector<Unique>& values, std::string_view what, Findings& findings);

/// "listeners", 2 -> "listeners[2]".
std::string item(std::string_view list, std::size_t index);

}  // namespace gatehouse::config
