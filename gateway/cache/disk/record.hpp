// What stands in a segment: records of stored objects, purges and erased keys, each with a head of fixed size and a
// CRC-32C over head and meta; content has one for every 64 KiB. A sealed segment ends with a footer that lists its
// records, so that start-up need not read them. Numbers are little-endian; records begin at multiples of 64 bytes.
//
//   segment: SegmentHead, records, [footer: FooterEntry ..., PurgeRecord ..., FooterTail]
//   record:  RecordHead, meta (content CRCs, tags, field sizes, head lines, key text, vary names, selector, reason, keyed,
//            trailers), content
//
// Everything read is untrusted: damage gives nothing, never a wrong object. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "gateway/cache/object.hpp"
#include "gateway/cache/purge_table.hpp"

namespace gatehouse::cache {

inline constexpr std::uint32_t disk_version = 1;
inline constexpr std::size_t record_alignment = 64;
inline constexpr std::size_t content_chunk = 64 * 1024;  // what one CRC covers

/// The last two are of content in pages (page_record.hpp). A volume that has none of them reads as before.
enum class RecordType : std::uint32_t { object = 1, purge = 2, erased = 3, page = 4, paged = 5 };
/// Whether it is an object's head.
constexpr bool is_object(RecordType type) noexcept { return type == RecordType::object || type == RecordType::paged; }

struct RecordHead {
  std::uint32_t magic;
  std::uint32_t crc;  // of what follows in the head, and the meta
  RecordType type;
  std::uint32_t meta_size;
  std::uint64_t content_size;
  Key key;
  std::uint64_t epoch;
  Freshness freshness;
  std::uint16_t status;
  std::uint16_t field_count;
  std::uint16_t tag_count;
  std::uint16_t key_size;
  std::uint16_t vary_size;
  std::uint16_t selector_size;
  std::uint16_t reason_size;
  std::uint16_t trailers_size;
  std::uint32_t head_size;
  std::uint32_t keyed_size;

  /// Room in the segment, up to the next record.
  std::uint64_t room() const noexcept;
};
static_assert(sizeof(RecordHead) == 104 && std::is_trivially_copyable_v<RecordHead>);

struct SegmentHead {
  std::uint32_t magic;
  std::uint32_t crc;  // of what follows
  std::uint32_t version;
  std::uint32_t unused;
  std::uint64_t sequence;
  std::uint64_t epoch;  // purges counted when it was begun
  std::uint64_t unused_too[4];
};
static_assert(sizeof(SegmentHead) == record_alignment);

/// An object or an erased key, in the order of their records.
struct FooterEntry {
  Key key;
  std::uint32_t variant;  // variant_hash()
  std::uint32_t offset;   // in units of record_alignment
  std::uint32_t room;     // the same
  RecordType type;
};
static_assert(sizeof(FooterEntry) == 32);

struct FooterTail {
  std::uint32_t magic;
  std::uint32_t crc;  // of the footer up to here, and what follows
  std::uint64_t sequence;
  std::uint64_t epoch;
  std::uint32_t entries;
  std::uint32_t purges;
};
static_assert(sizeof(FooterTail) == 32);

/// What a segment holds, from its footer or found by scanning it.
struct SegmentContents {
  std::vector<FooterEntry> entries;
  std::vector<PurgeRecord> purges;
  std::uint64_t epoch{0};
};

/// Tells the variants of a key apart in the index.
std::uint32_t variant_hash(const Object& object) noexcept;

/// Head and meta of an object's record, without its content. The body must be complete. `pages`: where its content lies
/// when it is not to follow.
std::string encode_object(const Object& object, std::uint64_t epoch, const PageList* pages = nullptr);
std::string encode_purge(const PurgeRecord& purge);
std::string encode_erased(const Key& key);
SegmentHead make_segment_head(std::uint64_t sequence, std::uint64_t epoch) noexcept;
std::string encode_footer(const SegmentContents& contents, std::uint64_t sequence);

/// The head at the beginning of `bytes` if it is sound by itself (sizes fit each other and `left`, the bytes to the
/// segment's end). Its CRC is not looked at.
std::optional<RecordHead> read_record_head(std::span<const char> bytes, std::uint64_t left) noexcept;
/// Whether head and meta at the beginning of `bytes` are as they were written.
bool record_is_sound(const RecordHead& head, std::span<const char> bytes) noexcept;
/// The object of a sound record, with this body; empty when it does not fit together.
ObjectRef decode_object(const RecordHead& head, std::span<const char> bytes, BodyRef body);
std::optional<PurgeRecord> decode_purge(const RecordHead& head, std::span<const char> bytes) noexcept;
/// The trailers of a record that decode_object() has taken.
std::string_view trailers_of(const RecordHead& head, std::span<const char> bytes) noexcept;
/// Whether a chunk of content is as it was written. `bytes`: head and meta.
bool chunk_is_sound(std::span<const char> bytes, std::size_t number, std::span<const char> chunk) noexcept;

bool segment_head_is_sound(const SegmentHead& head, std::uint64_t sequence) noexcept;
/// How long the footer is that this tail ends, itself included; nothing when it is none.
std::optional<std::uint64_t> footer_size(const FooterTail& tail, std::uint64_t sequence, std::uint64_t file_size) noexcept;
/// The contents of a footer, its tail included.
std::optional<SegmentContents> decode_footer(std::span<const char> footer) noexcept;

}  // namespace gatehouse::cache
