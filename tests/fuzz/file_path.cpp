// File paths: whatever a request asks for, the name stays below the root, and says the same when it is read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/http/content_type.hpp"
#include "gateway/http/file_path.hpp"

using namespace gatehouse;

namespace {

void check(bool good) {
  if (!good) std::abort();
}

void check_name(std::string_view name, bool hidden_too) {
  for (std::size_t at = 0; at <= name.size() && !name.empty();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string_view segment = name.substr(at, end - at);
    check(!segment.empty() && segment != "." && segment != "..");
    check(hidden_too || segment.front() != '.' || (at == 0 && segment == ".well-known"));
    at = end + 1;
  }
  for (const char c : name) check(static_cast<unsigned char>(c) > 0x1f && c != 0x7f && c != '\\');
}

/// The name with every character coded names the same file.
void check_coded(const http::FilePath& found, bool hidden_too) {
  constexpr char digits[] = "0123456789abcdef";
  std::string path = "/";
  for (const char c : found.name) {
    if (c == '/') {
      path += c;
    } else {
      path += '%';
      path += digits[static_cast<unsigned char>(c) / 16];
      path += digits[static_cast<unsigned char>(c) % 16];
    }
  }
  if (found.folder && !found.name.empty()) path += '/';
  std::string room(path.size(), '\0');
  const auto again = http::file_path(path, hidden_too, room);
  check(again && again->name == found.name && again->folder == found.folder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const bool hidden_too = (data[0] & 1) != 0;
  const std::string path(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string room(path.size(), '\0');
  const auto found = http::file_path(path, hidden_too, room);
  check(!http::content_type_of(path).empty());
  if (!found) return 0;
  check(found->name.size() < path.size());
  check_name(found->name, hidden_too);
  check_coded(*found, hidden_too);
  return 0;
}
