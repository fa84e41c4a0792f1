#include "gateway/cache/disk/disk_log.hpp"

#include <algorithm>
#include <utility>

#include "gateway/cache/disk/load.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::size_t buffer_max = 1u << 20;
constexpr std::uint64_t record_margin = 64 * 1024;  // of a record that holds content: for its head
constexpr std::uint64_t segment_least = 1u << 20;
constexpr std::uint64_t segment_most = 32u << 20;
constexpr std::uint64_t segments_least = 2;
constexpr std::uint64_t readmitted_share = 4;  // at most this part of a segment is written anew when it goes
constexpr std::uint64_t large_share = 4;       // one object may take this part of the disk

DiskOptions in_bounds(DiskOptions options) noexcept {
  options.segment_bytes = std::clamp(options.segment_bytes, segment_least, segment_most);
  options.bytes_max = std::max(options.bytes_max, segments_least * options.segment_bytes);
  if (options.large_max == 0) options.large_max = options.bytes_max / large_share;
  // The places of all pages have to fit into the head's record.
  const std::uint64_t pages_max = options.segment_bytes / 4 / sizeof(PagePlace);
  options.large_max = std::min(options.large_max, pages_max * page_size);
  return options;
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

std::uint64_t DiskLog::Record::room() const noexcept {
  std::uint64_t size = head.size();
  for (const std::span<const char> piece : content) size += piece.size();
  return (size + record_alignment - 1) / record_alignment * record_alignment;
}

void DiskLog::append(const Object& object) {
  const BodyRef& body = object.body();
  const std::uint64_t length = body ? *body->length() : 0;
  const bool paged = body && body->pages() != nullptr;
  std::optional<PageList> pages;
  if (paged) pages = body->pages()->file().list();
  else if (length > object_max() - record_margin) pages = append_pages(object);
  if (pages && oldest_of(*pages) < index_.oldest()) return;
  if ((paged || length > object_max() - record_margin) && !pages) return;
  const std::uint64_t epoch = purges_.epoch();  // before the check: a purge meanwhile hits it by its own record
  if (purges_.check(object) != Purged::valid) return;
  Record record{encode_object(object, epoch, pages ? &*pages : nullptr), {}, {object.key(), variant_hash(object), 0, 0, RecordType::object}};
  if (pages) record.entry.type = RecordType::paged;
  else if (body) record.content = body->pieces();
  append(record);
}

/// Cuts content that lies in memory.
std::optional<PageList> DiskLog::append_pages(const Object& object) {
  PageList list{random_secret().a, {}};
  std::string page;
  const auto write = [&] {
    const auto place = append({object.key(), list.generation, static_cast<std::uint32_t>(list.places.size())}, page);
    if (place) list.places.push_back(*place);
    page.clear();
    return place.has_value();
  };
  for (std::span<const char> piece : object.body()->pieces()) {
    while (!piece.empty()) {
      const std::size_t n = std::min(piece.size(), page_size - page.size());
      page.append(piece.data(), n);
      piece = piece.subspan(n);
      if (page.size() == page_size && !write()) return std::nullopt;
    }
  }
  if (!page.empty() && !write()) return std::nullopt;
  return list;
}

std::optional<PagePlace> DiskLog::append(const PageId& id, std::span<const char> content) {
  Record record{encode_page(id, content), {content}, {id.key, 0, 0, 0, RecordType::page}};
  if (!append(record)) return std::nullopt;
  const PagePlace place{current_->sequence(), record.entry.offset};
  if (!flush()) return std::nullopt;
  return place;
}

bool DiskLog::append(const PurgeRecord& purge) {
  Record record{encode_purge(purge), {}, {{}, 0, 0, 0, RecordType::purge}};
  if (!append(record) || !flush()) return false;
  contents_.purges.push_back(purge);
  return current_->sync();
}

bool DiskLog::append_erased(const Key& key) {
  flush();  // what waits in the buffer is older
  index_.erase(key);
  Record record{encode_erased(key), {}, {key, 0, 0, 0, RecordType::erased}};
  return append(record) && flush() && current_->sync();
}

bool DiskLog::append(Record& record) {
  const std::uint64_t room = record.room();
  if (room > object_max() || !make_segment(room)) return false;
  FooterEntry& entry = record.entry;
  entry.offset = static_cast<std::uint32_t>((offset_ + buffer_.size()) / record_alignment);
  entry.room = static_cast<std::uint32_t>(room / record_alignment);
  const std::size_t end = buffer_.size() + static_cast<std::size_t>(room);
  buffer_ += record.head;
  for (const std::span<const char> piece : record.content) buffer_.append(piece.data(), piece.size());
  buffer_.resize(end, '\0');
  if (entry.type != RecordType::purge && entry.type != RecordType::page) pending_.push_back(entry);
  return entry.type == RecordType::page || buffer_.size() < buffer_max || flush();
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
/// no more than a part of a segment. Of a large one pages have gone before its head or go with it.
std::vector<ObjectRef> DiskLog::drop_oldest() {
  SegmentRef oldest;
  {
    const std::scoped_lock held(guard_);
    oldest = segments_.begin()->second;
    segments_.erase(segments_.begin());
  }
  const Match any = [](const Object&) { return true; };
  const PagedBody none = [](const Object&, const StoredPages&) { return BodyRef(); };
  std::vector<ObjectRef> used;
  std::uint64_t room = 0;
  const std::optional<SegmentContents> contents = read_footer(*oldest);
  for (const FooterEntry& entry : contents ? contents->entries : std::vector<FooterEntry>()) {
    const DiskPlace place{oldest->sequence(), entry.offset, entry.room * static_cast<std::uint32_t>(record_alignment)};
    if (entry.type != RecordType::object || !index_.was_used(entry.key, place)) continue;
    room += place.read_size;
    if (room > options_.segment_bytes / readmitted_share) break;
    Loaded loaded = load_object(*oldest, place, {entry.key, any, none});
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
      if (is_object(entry.type)) {
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
