// Objects whose content lies in pages (gateway/cache/pages.hpp): a record for each page, and one for the head, written
// when all pages are. The head's meta begins with where they are and which segment is the oldest of theirs, so that one
// glance tells whether a page may have gone with its segment. A page says whose it is: key, filling and number.
//
//   page:  RecordHead, meta (content CRCs, PageStamp), content
//   paged: RecordHead, meta (PagesStamp, PagePlace ..., and then as an object's without content)
//
// Everything read is untrusted. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "gateway/cache/disk/record.hpp"
#include "gateway/cache/pages.hpp"

namespace gatehouse::cache {

/// Which page it is.
struct PageId {
  Key key;
  std::uint64_t generation{0};
  std::uint32_t number{0};
};

struct PageStamp {
  std::uint64_t generation;
  std::uint32_t number;
  std::uint32_t unused;
};
static_assert(sizeof(PageStamp) == 16);

struct PagesStamp {
  std::uint64_t length;  // of the content
  std::uint64_t generation;
  std::uint32_t count;
  std::uint32_t oldest;  // segment
};
static_assert(sizeof(PagesStamp) == 24);

/// What a head says of its pages.
struct StoredPages {
  PageList list;
  std::uint64_t length{0};
  std::uint32_t oldest{0};
};

constexpr std::uint64_t pages_of(std::uint64_t length) noexcept { return (length + page_size - 1) / page_size; }
/// The oldest of the segments that the pages lie in.
std::uint32_t oldest_of(const PageList& list) noexcept;

/// Head and meta of a page's record.
std::string encode_page(const PageId& id, std::span<const char> content);
/// How long they are.
constexpr std::size_t page_content_at(std::size_t content) noexcept {
  return sizeof(RecordHead) + (content + content_chunk - 1) / content_chunk * sizeof(std::uint32_t) + sizeof(PageStamp);
}
/// Whether this is the record of that page with `content` bytes, all of them as they were written.
bool page_is_sound(const PageId& id, std::span<const char> record, std::size_t content) noexcept;

/// What the meta of a head says of the pages. Only of a sound record.
std::optional<StoredPages> decode_pages(const RecordHead& head, std::span<const char> bytes);

}  // namespace gatehouse::cache
