#include "match/database_cache.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

namespace gatehouse::filters {

namespace {

struct Header {
  std::array<char, 8> magic{'g', 'h', 'p', 'a', 't', '0', '0', '2'};
  std::uint64_t identity_size{0};
  std::uint64_t identity_hash{0};
  std::uint64_t bytes_hash{0};
};

/// FNV-1a (draft-eastlake-fnv) by words of eight bytes instead of bytes, since databases have megabytes, with the high
/// bits folded back in. A choice of start makes two independent hashes.
std::uint64_t digest(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325u) noexcept {
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x100000001b3u;
    hash ^= hash >> 29;
  };
  mix(text.size());
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    mix(word);
  }
  for (const char c : text) mix(static_cast<unsigned char>(c));
  return hash;
}

Header header_of(std::string_view identity, std::string_view bytes) noexcept {
  Header header;
  header.identity_size = identity.size();
  header.identity_hash = digest(identity, 0x9ae16a3b2f90404fu);
  header.bytes_hash = digest(bytes);
  return header;
}

}  // namespace

std::string DatabaseCache::path_of(std::string_view identity) const {
  char name[32];
  std::snprintf(name, sizeof name, "%016llx.patterns", static_cast<unsigned long long>(digest(identity)));
  return folder_ + '/' + name;
}

std::optional<std::string> DatabaseCache::read(std::string_view identity) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(path_of(identity), std::ios::binary | std::ios::ate);
  if (!file || file.tellg() < static_cast<std::streamoff>(sizeof(Header))) return std::nullopt;
  Header found;
  std::string bytes(static_cast<std::size_t>(file.tellg()) - sizeof found, '\0');
  file.seekg(0);
  file.read(reinterpret_cast<char*>(&found), sizeof found);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const Header expected = header_of(identity, bytes);
  if (!file || std::memcmp(&found, &expected, sizeof expected) != 0) return std::nullopt;
  return bytes;
}

void DatabaseCache::write(std::string_view identity, std::string_view bytes) const {
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string path = path_of(identity);
  const std::string draft = path + '.' + std::to_string(std::random_device()());
  {
    std::ofstream file(draft, std::ios::binary);
    const Header header = header_of(identity, bytes);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) {
      file.close();
      std::filesystem::remove(draft, error);
      return;
    }
  }
  std::filesystem::rename(draft, path, error);
}

}  // namespace gatehouse::filters
