#include "match/database_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

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

MappedFile::MappedFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat about {};
  // Files take their place whole, by renaming, and are never written to again: none shrinks under its reader.
  if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
    void* const at = ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (at != MAP_FAILED) at_ = static_cast<const char*>(at), size_ = static_cast<std::size_t>(about.st_size);
  }
  ::close(fd);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (at_ != nullptr) ::munmap(const_cast<char*>(at_), size_);
}

std::string_view DatabaseCache::Kept::bytes() const noexcept { return file_.bytes().substr(sizeof(Header)); }

std::optional<DatabaseCache::Kept> DatabaseCache::read(std::string_view identity) const {
  if (folder_.empty()) return std::nullopt;
  Kept kept{MappedFile(path_of(identity))};
  if (kept.file_.bytes().size() < sizeof(Header)) return std::nullopt;
  const Header expected = header_of(identity, kept.bytes());
  if (std::memcmp(kept.file_.bytes().data(), &expected, sizeof expected) != 0) return std::nullopt;
  return kept;
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
