// ${NAME}, ${NAME:-default} and $$ inside a value. Expansion happens after the YAML is parsed, so a variable's text can
// never become structure; it is not expanded again. Pure but for the environment it is given.
#pragma once

#include <string>
#include <string_view>

#include "formats.hpp"
#include "gatehouse/config/load.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::config {

Result<std::string, Complaint> expand(std::string_view text, const Environment& environment);

}  // namespace gatehouse::config
