#include "gateway/cache/disk/disk_log.hpp"

#include <algorithm>
#include <utility>

#include "gateway/cache/disk/load.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::size_t buffer_max = 1u << 20;
constexpr std::uint64_t segment_least = 1u << 20;
constexpr std::uint64_t segment_most = 32u << 20;
constexpr std::uint64_t segments_least = 2;
constexpr std::uint64_t readmitted_share = 4;  // at most this part of a segment is written anew when it goes

DiskOptions in_bounds(DiskOptions options) noexcept {
  options.segment_bytes = std::clamp(options.segment_bytes, segment_least, segment_most);
  options.bytes_max = std::max(options.bytes_max, segments_least * options.segment_bytes);
  return options;
}

std::uint64_t room_of(std::uint64_t size) noexcept {
  return (size + record_alignment - 1) / record_alignment * record_alignment;
}

}  // namespace

DiskLog::DiskLog(Volume& volume, DiskIndex& index, PurgeTable& purges, const DiskOptions& options)
    : volume_(volume), index_(index), purges_(purges), options_(in_bounds(options)) {}

void DiskLog::recover() {
  const auto found = [this](std::uint32_t sequence, const SegmentContents& contents) {
    for (const FooterEntry& entry : contents.entries) {
      if (entry.type == RecordType::erased) index_.erase(entry.key);
      else index_.put(entry.key, entry.variant, {sequence, entry.offset}, entry.room);
    }
    for (const PurgeRecord& purge : contents.purges) purges_.restore(purge);
    purges_.continue_after(contents.epoch);
    next_sequence_ = sequence + 1;
  };
  const std::vector<SegmentRef> segments = volume_.recover(found);
  scanned_ = volume_.scanned();
  {
    const std::scoped_lock held(guard_);
    for (const SegmentRef& segment : segments) segments_.emplace(segment->sequence(), segment);
  }
  std::vector<ObjectRef> not_kept;
  drop_over_budget(not_kept);
}

void DiskLog::append(const Object& object) {
  const std::uint64_t epoch = purges_.epoch();  // before the check: a purge meanwhile hits it by its own record
  if (purges_.check(object) != Purged::valid) return;
  Record record{encode_object(object, epoch), object.body(), {object.key(), variant_hash(object), 0, 0, RecordType::object}};
  append(record);
}

bool DiskLog::append(const PurgeRecord& purge) {
  const Record record{encode_purge(purge), {}, {{}, 0, 0, 0, RecordType::purge}};
  if (!append(record) || !flush()) return false;
  contents_.purges.push_back(purge);
  return current_->sync();
}

bool DiskLog::append_erased(const Key& key) {
  flush();  // what waits in the buffer is older
  index_.erase(key);
  const Record record{encode_erased(key), {}, {key, 0, 0, 0, RecordType::erased}};
  return append(record) && flush() && current_->sync();
}

bool DiskLog::append(const Record& record) {
  const std::uint64_t content = record.body ? *record.body->length() : 0;
  const std::uint64_t room = room_of(record.head.size() + content);
  if (room > object_max() || !make_segment(room)) return false;
  FooterEntry entry = record.entry;
  entry.offset = static_cast<std::uint32_t>((offset_ + buffer_.size()) / record_alignment);
  entry.room = static_cast<std::uint32_t>(room / record_alignment);
  const std::size_t end = buffer_.size() + static_cast<std::size_t>(room);
  buffer_ += record.head;
  if (record.body) {
    for (const std::span<const char> piece : record.body->pieces()) buffer_.append(piece.data(), piece.size());
  }
  buffer_.resize(end, '\0');
  if (entry.type != RecordType::purge) pending_.push_back(entry);
  return buffer_.size() < buffer_max || flush();
}

std::uint64_t DiskLog::footer_room() const noexcept {
  return (contents_.entries.size() + pending_.size() + 1) * sizeof(FooterEntry) +
         (contents_.purges.size() + 1) * sizeof(PurgeRecord) + sizeof(FooterTail);
}

/// Makes sure that there is a segment with that room left.
bool DiskLog::make_segment(std::uint64_t room) {
  const bool fits = offset_ + buffer_.size() + room + footer_room() <= options_.segment_bytes;
  if (current_ && fits) return true;
  seal();
  std::vector<ObjectRef> wanted;
  drop_over_budget(wanted);
  current_ = volume_.begin_segment(next_sequence_, purges_.epoch());
  if (!current_) {
    ++errors_;
    return false;
  }
  ++next_sequence_;
  offset_ = sizeof(SegmentHead);
  {
    const std::scoped_lock held(guard_);
    segments_.emplace(current_->sequence(), current_);
  }
  for (const ObjectRef& object : wanted) {  // they fit: together they are a part of a segment
    append(*object);
    ++readmitted_;
  }
  return current_ && offset_ + buffer_.size() + room + footer_room() <= options_.segment_bytes;
}

void DiskLog::drop_over_budget(std::vector<ObjectRef>& wanted) {
  for (;;) {
    {
      const std::scoped_lock held(guard_);
      if ((segments_.size() + 1) * options_.segment_bytes <= options_.bytes_max) return;
    }
    wanted = drop_oldest();
  }
}

/// Removes the oldest segment. Gives those of its objects that were used since they were written, as far as they take
/// no more than a part of a segment.
std::vector<ObjectRef> DiskLog::drop_oldest() {
  SegmentRef oldest;
  {
    const std::scoped_lock held(guard_);
    oldest = segments_.begin()->second;
    segments_.erase(segments_.begin());
  }
  std::vector<ObjectRef> used;
  std::uint64_t room = 0;
  const std::optional<SegmentContents> contents = read_footer(*oldest);
  for (const FooterEntry& entry : contents ? contents->entries : std::vector<FooterEntry>()) {
    const DiskPlace place{oldest->sequence(), entry.offset, entry.room * static_cast<std::uint32_t>(record_alignment)};
    if (entry.type != RecordType::object || !index_.was_used(entry.key, place)) continue;
    room += place.read_size;
    if (room > options_.segment_bytes / readmitted_share) break;
    Loaded loaded = load_object(*oldest, place, entry.key, [](const Object&) { return true; });
    if (loaded.object) used.push_back(std::move(loaded.object));
  }
  index_.drop_before(oldest->sequence() + 1);
  volume_.remove(oldest->sequence());
  return used;
}

bool DiskLog::flush() {
  if (buffer_.empty()) return true;
  const bool written = current_->write(buffer_, offset_);
  if (written) {
    offset_ += buffer_.size();
    written_ += buffer_.size();
    for (const FooterEntry& entry : pending_) {
      if (entry.type == RecordType::object) {
        index_.put(entry.key, entry.variant, {current_->sequence(), entry.offset}, entry.room);
      }
    }
    contents_.entries.insert(contents_.entries.end(), pending_.begin(), pending_.end());
  }
  buffer_.clear();
  pending_.clear();
  if (written) return true;
  // What was written before stays readable; where it ends is found out at the next start.
  ++errors_;
  current_ = nullptr;
  contents_ = {};
  return false;
}

void DiskLog::seal() {
  flush();
  if (!current_) return;
  contents_.epoch = purges_.epoch();
  const std::string footer = encode_footer(contents_, current_->sequence());
  if (!current_->write(footer, offset_) || !current_->sync()) ++errors_;
  written_ += footer.size();
  contents_ = {};
  current_ = nullptr;
}

SegmentRef DiskLog::segment(std::uint32_t sequence) const {
  const std::scoped_lock held(guard_);
  const auto found = segments_.find(sequence);
  return found != segments_.end() ? found->second : nullptr;
}

DiskLog::Stats DiskLog::stats() const {
  Stats stats{0, scanned_, written_, readmitted_, errors_};
  const std::scoped_lock held(guard_);
  stats.segments = segments_.size();
  return stats;
}

}  // namespace gatehouse::cache
