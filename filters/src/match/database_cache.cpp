#include "match/database_cache.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace gatehouse::filters {

namespace {

struct Header {
  std::array<char, 8> magic{'g', 'h', 'p', 'a', 't', '0', '0', '1'};
  std::uint64_t identity_size{0};
  std::uint64_t identity_hash{0};
  std::uint64_t bytes_hash{0};
};

/// FNV-1a (draft-eastlake-fnv) with a choice of start, so that two of them make 128 bits.
std::uint64_t fnv(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325u) noexcept {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

Header header_of(std::string_view identity, std::string_view bytes) noexcept {
  Header header;
  header.identity_size = identity.size();
  header.identity_hash = fnv(identity, 0x9ae16a3b2f90404fu);
  header.bytes_hash = fnv(bytes);
  return header;
}

}  // namespace

std::string DatabaseCache::path_of(std::string_view identity) const {
  char name[32];
  std::snprintf(name, sizeof name, "%016llx.patterns", static_cast<unsigned long long>(fnv(identity)));
  return folder_ + '/' + name;
}

std::optional<std::string> DatabaseCache::read(std::string_view identity) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(path_of(identity), std::ios::binary);
  if (!file) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.size() < sizeof(Header)) return std::nullopt;
  const std::string_view bytes = std::string_view(text).substr(sizeof(Header));
  const Header expected = header_of(identity, bytes);
  if (std::memcmp(text.data(), &expected, sizeof expected) != 0) return std::nullopt;
  return text.substr(sizeof(Header));
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
