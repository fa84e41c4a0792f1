// Files that a command line names.
#pragma once

#include <string>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::cli {

/// All of a file; of standard input when its name is `-`. The error names the file and says why.
Result<std::string, std::string> read_file(const std::string& name);

}  // namespace gatehouse::cli
