// The requests of the WAF benchmark: harmless ones of the sizes that sites see.
#pragma once

#include <vector>

#include "tests/support/modsecurity.hpp"

namespace gatehouse::bench {

std::vector<peers::Request> traffic();

}  // namespace gatehouse::bench
