#include "gateway/cli/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace gatehouse::cli {

Result<std::string, std::string> read_file(const std::string& name) {
  if (name == "-") return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  std::ifstream file(name, std::ios::binary);
  if (!file) return Failure{"cannot open " + name + ": " + std::strerror(errno)};
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return Failure{"cannot read " + name};
  return text;
}

}  // namespace gatehouse::cli
