// Libmodsecurity: Debian's ModSecurity 3, opened at run time, as the engine to compare with in benchmarks and tests. Only
// its C interface is used, declared here, so that nothing but the library itself must be installed. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::peers {

/// A request as both engines get it.
struct Request {
  std::string name;
  std::string method{"GET"}, target{"/"};
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// What ModSecurity made of a request.
struct Verdict {
  int status{0};  // 0: let through
  std::vector<unsigned> ids;  // of the rules in its log, in order
  std::vector<std::string> messages;  // theirs
};

class Libmodsecurity {
 public:
  /// The library, or nothing when it is not installed.
  static std::unique_ptr<Libmodsecurity> open();
  ~Libmodsecurity();
  Libmodsecurity(const Libmodsecurity&) = delete;
  Libmodsecurity& operator=(const Libmodsecurity&) = delete;

  /// Both return what is wrong, or an empty text.
  std::string add_file(const std::string& path);
  std::string add_rules(const std::string& text);

  /// Both request phases and the logging phase. `ids` and `messages` are only there with `wants_ids`.
  Verdict inspect(const Request& request, bool wants_ids);

 private:
  struct Api;
  explicit Libmodsecurity(std::unique_ptr<Api> api);
  static void on_log(void* context, const void* line);

  std::unique_ptr<Api> api_;
  void* engine_{nullptr};
  void* rules_{nullptr};
  Verdict seen_;
};

}  // namespace gatehouse::peers
