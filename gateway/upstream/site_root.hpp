// SiteRoot: the folder of a static site, and the files below it as they are opened and read for requests. Nothing outside the
// folder can be reached: the kernel resolves names below it, symbolic links included (openat2, RESOLVE_BENEATH), so there is no
// moment between a check and its use. Only regular files are opened.
//
// What lies in the page cache is read at once, on the worker. What does not is read by a thread of the site's own, which begins
// when it is first needed, so a slow disk keeps one request waiting and no worker. Shared by all workers; a File belongs to one.
// A site outlives its files.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "gatehouse/filters/result.hpp"
#include "gateway/runtime/context_thread.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::upstream {

/// An open file with what was true when it was opened.
class SiteFile {
 public:
  SiteFile(int fd, std::uint64_t size, std::int64_t modified_ns, std::int64_t changed_ns) noexcept
      : fd_(fd), size_(size), modified_ns_(modified_ns), changed_ns_(changed_ns) {}
  SiteFile(SiteFile&& other) noexcept : SiteFile(std::exchange(other.fd_, -1), other.size_, other.modified_ns_, other.changed_ns_) {}
  SiteFile& operator=(SiteFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    size_ = other.size_, modified_ns_ = other.modified_ns_, changed_ns_ = other.changed_ns_;
    return *this;
  }
  ~SiteFile();

  std::uint64_t size() const noexcept { return size_; }
  std::int64_t modified_ns() const noexcept { return modified_ns_; }
  /// The last change of content or of anything else about it: nobody can set this one back.
  std::int64_t changed_ns() const noexcept { return changed_ns_; }

  /// Reads what is at hand: the number of bytes, 0 at the file's end; nothing when it would have to wait for the disk.
  std::optional<std::size_t> read_now(std::span<char> space, std::uint64_t offset) const noexcept;
  /// Waits for the disk if it must.
  std::size_t read(std::span<char> space, std::uint64_t offset) const noexcept;

 private:
  int fd_;
  std::uint64_t size_;
  std::int64_t modified_ns_;
  std::int64_t changed_ns_;
};

class SiteRoot {
 public:
  enum class Found : std::uint8_t { file, folder, none, forbidden, trouble };
  struct Opened {
    Found found{Found::none};
    std::optional<SiteFile> file;  // with `file`
  };

  /// Or why the folder cannot be used.
  static Result<std::unique_ptr<SiteRoot>, std::string> open(const std::string& folder);
  ~SiteRoot();
  SiteRoot(const SiteRoot&) = delete;
  SiteRoot& operator=(const SiteRoot&) = delete;

  /// `name` is relative and ends with a zero; empty for the folder itself.
  Opened open_file(const char* name) const noexcept;
  /// Reads with the site's own thread; for a worker's task, which waits. `file` and `space` stay meanwhile.
  runtime::Task<std::size_t> read(runtime::Worker& worker, const SiteFile& file, std::span<char> space, std::uint64_t offset) const;

 private:
  struct Reading;
  explicit SiteRoot(int fd) noexcept;

  int fd_;
  mutable std::once_flag begun_;
  mutable std::unique_ptr<Reading> reading_;
};

}  // namespace gatehouse::upstream
