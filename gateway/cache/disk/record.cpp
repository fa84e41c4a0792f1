#include "gateway/cache/disk/record.hpp"

#include <cstring>

#include "gateway/cache/disk/page_record.hpp"
#include "gateway/cache/disk/record_bytes.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::uint32_t segment_magic = 0x47534847;  // "GHSG"
constexpr std::uint32_t footer_magic = 0x54464847;   // "GHFT"
constexpr std::uint64_t meta_max = 16u << 20;

struct FieldSizes {
  std::uint16_t name;
  std::uint16_t value;
};

/// The CRCs of the content's chunks, whatever blocks they lie in.
void put_content_crcs(std::string& out, const BodyRef& body) {
  if (!body) return;
  ChunkCrcs crcs(out);
  for (const std::span<const char> piece : body->pieces()) crcs.add(piece);
  crcs.end();
}

void put_pages(std::string& out, const PageList& pages, std::uint64_t length) {
  put(out, PagesStamp{length, pages.generation, static_cast<std::uint32_t>(pages.places.size()), oldest_of(pages)});
  for (const PagePlace& place : pages.places) put(out, place);
}

}  // namespace

std::uint64_t RecordHead::room() const noexcept {
  const std::uint64_t size = sizeof *this + std::uint64_t{meta_size} + content_size;
  return (size + record_alignment - 1) / record_alignment * record_alignment;
}

std::uint32_t variant_hash(const Object& object) noexcept {
  const std::uint32_t names = crc32c(object.vary_names());
  return crc32c(object.selector(), names);
}

std::string encode_object(const Object& object, std::uint64_t epoch, const PageList* pages) {
  http::Response response;
  object.head_into(response);
  std::string out(sizeof(RecordHead), '\0');
  const std::uint64_t length = object.body() ? *object.body()->length() : 0;
  if (pages != nullptr) put_pages(out, *pages, length);
  else put_content_crcs(out, object.body());
  for (const std::uint64_t tag : object.tags()) put(out, tag);
  for (const http::Field& field : response.fields.all()) {
    put(out, FieldSizes{field.name_size, static_cast<std::uint16_t>(field.value_size)});
  }
  RecordHead head{};
  for (const http::Field& field : response.fields.all()) {
    out += field.text();
    head.head_size += static_cast<std::uint32_t>(field.text().size());
  }
  out.append(object.key_text()).append(object.vary_names()).append(object.selector()).append(response.reason).append(object.keyed());
  const std::string_view trailers = object.body() ? object.body()->trailers() : std::string_view();
  out += trailers;
  head.type = pages != nullptr ? RecordType::paged : RecordType::object;
  head.content_size = pages != nullptr ? 0 : length;
  head.key = object.key();
  head.epoch = epoch;
  head.freshness = object.freshness();
  head.status = object.status();
  head.field_count = static_cast<std::uint16_t>(response.fields.all().size());
  head.tag_count = static_cast<std::uint16_t>(object.tags().size());
  head.key_size = static_cast<std::uint16_t>(object.key_text().size());
  head.vary_size = static_cast<std::uint16_t>(object.vary_names().size());
  head.selector_size = static_cast<std::uint16_t>(object.selector().size());
  head.reason_size = static_cast<std::uint16_t>(response.reason.size());
  head.keyed_size = static_cast<std::uint32_t>(object.keyed().size());
  head.trailers_size = static_cast<std::uint16_t>(trailers.size());
  close_record(out, head);
  return out;
}

std::string encode_purge(const PurgeRecord& purge) {
  std::string out(sizeof(RecordHead), '\0');
  put(out, purge);
  RecordHead head{};
  head.type = RecordType::purge;
  head.epoch = purge.epoch;
  close_record(out, head);
  return out;
}

std::string encode_erased(const Key& key) {
  std::string out(sizeof(RecordHead), '\0');
  RecordHead head{};
  head.type = RecordType::erased;
  head.key = key;
  close_record(out, head);
  return out;
}

std::optional<RecordHead> read_record_head(std::span<const char> bytes, std::uint64_t left) noexcept {
  if (bytes.size() < sizeof(RecordHead) || left < sizeof(RecordHead)) return std::nullopt;
  RecordHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.magic != record_magic || head.meta_size > meta_max || head.content_size > left || head.room() > left) {
    return std::nullopt;
  }
  return head;
}

bool record_is_sound(const RecordHead& head, std::span<const char> bytes) noexcept {
  const std::uint64_t size = sizeof head + std::uint64_t{head.meta_size};
  return bytes.size() >= size &&
         crc32c(bytes.subspan(crc_begins, static_cast<std::size_t>(size) - crc_begins)) == head.crc;
}

ObjectRef decode_object(const RecordHead& head, std::span<const char> bytes, BodyRef body) {
  if (!is_object(head.type) || bytes.size() < sizeof head + head.meta_size) return {};
  Cursor meta(bytes.subspan(sizeof head, head.meta_size));
  if (head.type == RecordType::paged) meta.take(meta.take<PagesStamp>().count * sizeof(PagePlace));
  else meta.take(chunks_of(head.content_size) * sizeof(std::uint32_t));
  if (head.tag_count > Object::tags_max || head.field_count > http::fields_max) return {};
  std::vector<std::uint64_t> tags(head.tag_count);
  for (std::uint64_t& tag : tags) tag = meta.take<std::uint64_t>();
  std::vector<FieldSizes> sizes(head.field_count);
  for (FieldSizes& each : sizes) each = meta.take<FieldSizes>();
  http::Response response;
  response.status = head.status;
  std::uint64_t lines = 0;
  for (const FieldSizes& each : sizes) {
    const std::string_view line = meta.take(each.name + std::size_t{each.value} + 4);
    if (!meta.ok()) return {};
    lines += line.size();
    http::Field field{line.data(), each.value, each.name, static_cast<std::uint16_t>(each.name + 2),
                      http::field_kind(line.substr(0, each.name)), true, false};
    if (!response.fields.push(field)) return {};
  }
  ObjectSpec spec;
  spec.key = head.key;
  spec.key_text = meta.take(head.key_size);
  spec.vary_names = meta.take(head.vary_size);
  spec.selector = meta.take(head.selector_size);
  response.reason = meta.take(head.reason_size);
  spec.keyed = meta.take(head.keyed_size);
  meta.take(head.trailers_size);
  if (!meta.at_end() || lines != head.head_size) return {};
  spec.tags = tags;
  spec.freshness = head.freshness;
  spec.epoch = head.epoch;
  return Object::make(response, spec, std::move(body));
}

std::string_view trailers_of(const RecordHead& head, std::span<const char> bytes) noexcept {
  return {bytes.data() + sizeof head + head.meta_size - head.trailers_size, head.trailers_size};
}

std::optional<PurgeRecord> decode_purge(const RecordHead& head, std::span<const char> bytes) noexcept {
  if (head.type != RecordType::purge || head.meta_size != sizeof(PurgeRecord)) return std::nullopt;
  Cursor meta(bytes.subspan(sizeof head, head.meta_size));
  const auto purge = meta.take<PurgeRecord>();
  if (purge.kind > PurgeKind::path_start || purge.mode > PurgeMode::hard) return std::nullopt;
  return purge;
}

bool chunk_is_sound(std::span<const char> bytes, std::size_t number, std::span<const char> chunk) noexcept {
  const std::size_t at = sizeof(RecordHead) + number * sizeof(std::uint32_t);
  std::uint32_t crc;
  if (at + sizeof crc > bytes.size()) return false;
  std::memcpy(&crc, bytes.data() + at, sizeof crc);
  return crc32c(chunk) == crc;
}

SegmentHead make_segment_head(std::uint64_t sequence, std::uint64_t epoch) noexcept {
  SegmentHead head{segment_magic, 0, disk_version, 0, sequence, epoch, {}};
  head.crc = crc32c(bytes_of(head).subspan(crc_begins));
  return head;
}

bool segment_head_is_sound(const SegmentHead& head, std::uint64_t sequence) noexcept {
  return head.magic == segment_magic && head.version == disk_version && head.sequence == sequence &&
         head.crc == crc32c(bytes_of(head).subspan(crc_begins));
}

std::string encode_footer(const SegmentContents& contents, std::uint64_t sequence) {
  std::string out;
  for (const FooterEntry& entry : contents.entries) put(out, entry);
  for (const PurgeRecord& purge : contents.purges) put(out, purge);
  FooterTail tail{footer_magic, 0, sequence, contents.epoch, static_cast<std::uint32_t>(contents.entries.size()),
                  static_cast<std::uint32_t>(contents.purges.size())};
  tail.crc = crc32c(bytes_of(tail).subspan(crc_begins), crc32c(out));
  put(out, tail);
  return out;
}

std::optional<std::uint64_t> footer_size(const FooterTail& tail, std::uint64_t sequence,
                                         std::uint64_t file_size) noexcept {
  const std::uint64_t size = tail.entries * sizeof(FooterEntry) + tail.purges * sizeof(PurgeRecord) + sizeof tail;
  if (tail.magic != footer_magic || tail.sequence != sequence || size > file_size) return std::nullopt;
  return size;
}

std::optional<SegmentContents> decode_footer(std::span<const char> footer) noexcept {
  FooterTail tail;
  if (footer.size() < sizeof tail) return std::nullopt;
  std::memcpy(&tail, footer.data() + footer.size() - sizeof tail, sizeof tail);
  const std::span<const char> lists = footer.first(footer.size() - sizeof tail);
  if (tail.crc != crc32c(bytes_of(tail).subspan(crc_begins), crc32c(lists))) return std::nullopt;
  if (footer_size(tail, tail.sequence, footer.size()) != footer.size()) return std::nullopt;
  SegmentContents contents;
  contents.epoch = tail.epoch;
  contents.entries.resize(tail.entries);
  contents.purges.resize(tail.purges);
  Cursor cursor(lists);
  for (FooterEntry& entry : contents.entries) entry = cursor.take<FooterEntry>();
  for (PurgeRecord& purge : contents.purges) purge = cursor.take<PurgeRecord>();
  return contents;
}

}  // namespace gatehouse::cache
