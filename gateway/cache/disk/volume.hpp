// Volume: the folder on disk that the cache's segments lie in: the file `volume` with the secret that keys are made with,
// and a file for each segment, named by its sequence. One process at a time has it (a lock on `volume`). Opening reads
// the footers of sealed segments; one that was not sealed, because the process was killed, is scanned record by record
// and sealed. What is damaged is left out; a volume of another version is emptied.
//
// open() and the writing functions belong to one thread; Segment objects are shared and stay readable after their file
// was removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gatehouse/filters/result.hpp"
#include "gateway/cache/disk/record.hpp"
#include "gateway/cache/siphash.hpp"

namespace gatehouse::cache {

/// A segment's file. Reading is safe from any thread.
class Segment {
 public:
  Segment(std::uint32_t sequence, int fd) noexcept : sequence_(sequence), fd_(fd) {}
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment();

  std::uint32_t sequence() const noexcept { return sequence_; }
  /// Reads as much of `space` as there is; the bytes read.
  std::size_t read(std::span<char> space, std::uint64_t offset) const noexcept;
  /// False when it did not all get there.
  bool write(std::span<const char> bytes, std::uint64_t offset) const noexcept;
  bool sync() const noexcept;
  bool cut(std::uint64_t size) const noexcept;
  std::uint64_t size() const noexcept;

 private:
  std::uint32_t sequence_;
  int fd_;
};
using SegmentRef = std::shared_ptr<const Segment>;

class Volume {
 public:
  /// What a segment was found to hold, in the order of the sequence.
  using Found = std::function<void(std::uint32_t sequence, const SegmentContents& contents)>;

  /// Opens the volume in a folder, making it if there is none. Fails with a message.
  static Result<std::unique_ptr<Volume>, std::string> open(const std::filesystem::path& folder);
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  ~Volume();

  const Secret& secret() const noexcept { return secret_; }
  /// Reads what the segments hold and gives them back, oldest first.
  std::vector<SegmentRef> recover(const Found& found);
  /// A new file; null when it cannot be made.
  SegmentRef begin_segment(std::uint32_t sequence, std::uint64_t epoch);
  /// Removes a segment's file. Who reads it still can.
  void remove(std::uint32_t sequence);
  /// Segments that were scanned because they had no sound footer, in the last recover().
  std::size_t scanned() const noexcept { return scanned_; }

 private:
  Volume(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
  std::filesystem::path file_of(std::uint32_t sequence) const;
  bool read_header();
  bool write_header();
  void remove_all_segments();
  std::vector<std::uint32_t> sequences() const;

  std::filesystem::path folder_;
  int lock_;
  Secret secret_;
  std::size_t scanned_{0};
};

/// The contents of a segment that has no footer: every sound record from the beginning, up to the first that is not.
/// `end` is set behind the last of them.
SegmentContents scan_segment(const Segment& segment, std::uint64_t& end);
/// The contents of a sealed segment; nothing when it is not sealed or damaged.
std::optional<SegmentContents> read_footer(const Segment& segment);

}  // namespace gatehouse::cache
