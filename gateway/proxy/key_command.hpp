// Secrets from a command: `certificates[].private_key_command` names a program whose standard output is the PEM key
// (a vault's client, a decrypting tool). It is run without a shell, with a time limit and a size limit; what it prints
// is kept nowhere but in the result. Control thread; waits for the program.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::proxy {

/// The command's output, or one line that says what went wrong.
Result<std::string, std::string> run_key_command(const std::vector<std::string>& command);

}  // namespace gatehouse::proxy
