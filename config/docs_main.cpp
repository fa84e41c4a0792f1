// gatehouse-config-docs FOLDER: writes docs/configuration.md and config/schema/gatehouse.schema.json below FOLDER from
// the table of keys. Run after the table has changed; a test compares what is committed with what this would write.
#include <cstdio>
#include <fstream>
#include <string>

#include "gatehouse/config/describe.hpp"

namespace {

bool write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) std::fprintf(stderr, "cannot write %s\n", path.c_str());
  return file.good();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: gatehouse-config-docs FOLDER\n");
    return 2;
  }
  const std::string folder = arguments[1];
  const bool written = write(folder + "/docs/configuration.md", gatehouse::config::documentation()) &&
                       write(folder + "/config/schema/gatehouse.schema.json", gatehouse::config::json_schema());
  return written ? 0 : 1;
}
