// DatabaseCache: compiled patterns on disk, one file for each set, named by a hash of all that they depend on. Losing or
// spoiling a file costs a compilation, never a wrong answer: each file holds the length of what it was made from and
// checksums. Files are written under another name first, so that several programs can share a folder.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::filters {

/// A file's content without a copy of it.
class MappedFile {
 public:
  /// Empty when there is no such file, or none that can be read.
  explicit MappedFile(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::string_view bytes() const noexcept { return {at_, size_}; }

 private:
  const char* at_{nullptr};
  std::size_t size_{0};
};

class DatabaseCache {
 public:
  /// An empty folder name: nothing is ever found or kept.
  explicit DatabaseCache(std::string folder) : folder_(std::move(folder)) {}

  /// What was kept for that identity.
  class Kept {
   public:
    std::string_view bytes() const noexcept;

   private:
    friend class DatabaseCache;
    explicit Kept(MappedFile file) noexcept : file_(std::move(file)) {}
    MappedFile file_;
  };
  std::optional<Kept> read(std::string_view identity) const;
  /// Does nothing when the folder cannot be written to: the cache only saves time.
  void write(std::string_view identity, std::string_view bytes) const;

 private:
  std::string path_of(std::string_view identity) const;
  std::string folder_;
};

}  // namespace gatehouse::filters
