// gatehouse version: which build this is and what it was built with.
#include <iostream>

#include "gateway/cli/verb.hpp"
#include "gateway/cli/verbs.hpp"
#include "gateway/runtime/version.hpp"

namespace gatehouse::cli {

void add_version(Verb above) {
  auto format = std::make_shared<std::string>("text");
  Verb verb = above.verb("version", "Print the version and what it was built with");
  verb.format_option(*format);
  verb.does([format] {
    if (*format == "json") {
      std::cout << "{\"version\":\"" << runtime::version << "\",\"compiler\":\"" << runtime::compiler << "\"}\n";
    } else {
      std::cout << "gatehouse " << runtime::version << " (" << runtime::compiler << ")\n";
    }
    return 0;
  });
}

}  // namespace gatehouse::cli
