// DiskLog: the segments as one log with a writing end. Records are gathered in a buffer and written together; what was
// written enters the index. A full segment is sealed with a footer, and where there are too many the oldest goes: its
// objects that were used since are written anew, the others are gone.
//
// Purges stand in the same log as what they hit. Since segments go oldest first, a purge goes only after every object
// that was written before it; an object is checked, and its number brought forward, whenever it is written.
//
// Content of more than half a segment is cut into pages, a record each, in front of its head. An object of which a page went
// with its segment is gone, used or not: large ones are not written anew.
//
// One thread, the writer; segment() from any.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/cache/disk/disk_index.hpp"
#include "gateway/cache/disk/page_record.hpp"
#include "gateway/cache/disk/volume.hpp"

namespace gatehouse::cache {

struct DiskOptions {
  std::uint64_t bytes_max{std::uint64_t{10} << 30};
  std::uint64_t segment_bytes{16u << 20};  // 1 to 32 MiB
  std::uint64_t large_max{0};              // content of an object, in pages or not; 0: a quarter of bytes_max
};

class DiskLog {
 public:
  DiskLog(Volume& volume, DiskIndex& index, PurgeTable& purges, const DiskOptions& options);

  /// Reads what there is: index and purges are as they were.
  void recover();
  /// Writes an object whose body is complete, unless it was purged meanwhile or is too large. Of content that lies in pages
  /// already, and still does, only the head.
  void append(const Object& object);
  /// Where the page is once it is written.
  std::optional<PagePlace> append(const PageId& id, std::span<const char> content);
  /// Written and synced when it returns true.
  bool append(const PurgeRecord& purge);
  bool append_erased(const Key& key);
  /// Writes what is in the buffer.
  bool flush();
  /// Ends the segment with its footer.
  void seal();

  /// A segment, or null when it is gone.
  SegmentRef segment(std::uint32_t sequence) const;
  /// What fits into a record.
  std::uint64_t object_max() const noexcept { return options_.segment_bytes / 2; }
  /// More content than this is not kept.
  std::uint64_t large_max() const noexcept { return options_.large_max; }

  struct Stats {
    std::uint64_t segments{0};
    std::uint64_t scanned{0};     // at start, for want of a footer
    std::uint64_t written{0};     // bytes
    std::uint64_t readmitted{0};  // objects written anew when their segment went
    std::uint64_t errors{0};
  };
  Stats stats() const;

 private:
  struct Record {
    std::string head;  // head and meta
    std::vector<std::span<const char>> content;
    FooterEntry entry;

    std::uint64_t room() const noexcept;
  };
  bool append(Record& record);
  std::optional<PageList> append_pages(const Object& object);
  bool make_segment(std::uint64_t room);
  std::uint64_t footer_room() const noexcept;
  std::vector<ObjectRef> drop_oldest();
  void drop_over_budget(std::vector<ObjectRef>& wanted);

  Volume& volume_;
  DiskIndex& index_;
  PurgeTable& purges_;
  const DiskOptions options_;
  SegmentRef current_;
  std::uint64_t offset_{0};        // behind what was written
  std::string buffer_;             // to be written there
  std::vector<FooterEntry> pending_;  // of what is in the buffer
  SegmentContents contents_;       // of the current segment
  std::uint32_t next_sequence_{DiskIndex::first_segment};
  mutable std::mutex guard_;       // of the following
  std::map<std::uint32_t, SegmentRef> segments_;
  std::atomic<std::uint64_t> scanned_{0}, written_{0}, readmitted_{0}, errors_{0};
};

}  // namespace gatehouse::cache
