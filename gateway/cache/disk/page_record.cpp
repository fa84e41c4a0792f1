#include "gateway/cache/disk/page_record.hpp"

#include <algorithm>

#include "gateway/cache/disk/record_bytes.hpp"

namespace gatehouse::cache {

std::uint32_t oldest_of(const PageList& list) noexcept {
  std::uint32_t oldest = ~std::uint32_t{0};
  for (const PagePlace& place : list.places) oldest = std::min(oldest, place.segment);
  return oldest;
}

std::string encode_page(const PageId& id, std::span<const char> content) {
  std::string out(sizeof(RecordHead), '\0');
  ChunkCrcs crcs(out);
  crcs.add(content);
  crcs.end();
  put(out, PageStamp{id.generation, id.number, 0});
  RecordHead head{};
  head.type = RecordType::page;
  head.content_size = content.size();
  head.key = id.key;
  close_record(out, head);
  return out;
}

bool page_is_sound(const PageId& id, std::span<const char> record, std::size_t content) noexcept {
  const std::size_t content_at = page_content_at(content);
  if (record.size() != content_at + content) return false;
  const auto head = read_record_head(record, record.size() + record_alignment);
  if (!head || head->type != RecordType::page || head->key != id.key || head->content_size != content ||
      sizeof *head + head->meta_size != content_at || !record_is_sound(*head, record)) {
    return false;
  }
  PageStamp stamp;
  std::memcpy(&stamp, record.data() + content_at - sizeof stamp, sizeof stamp);
  if (stamp.generation != id.generation || stamp.number != id.number) return false;
  for (std::size_t done = 0, number = 0; done < content; done += content_chunk, ++number) {
    const auto chunk = record.subspan(content_at + done, std::min(content_chunk, content - done));
    if (!chunk_is_sound(record.first(content_at), number, chunk)) return false;
  }
  return true;
}

std::optional<StoredPages> decode_pages(const RecordHead& head, std::span<const char> bytes) {
  if (head.type != RecordType::paged || bytes.size() < sizeof head + head.meta_size) return std::nullopt;
  Cursor meta(bytes.subspan(sizeof head, head.meta_size));
  const auto stamp = meta.take<PagesStamp>();
  if (!meta.ok() || stamp.length == 0 || stamp.count != pages_of(stamp.length)) return std::nullopt;
  if (stamp.count > meta.left() / sizeof(PagePlace)) return std::nullopt;
  StoredPages pages{{stamp.generation, {}}, stamp.length, stamp.oldest};
  pages.list.places.resize(stamp.count);
  for (PagePlace& place : pages.list.places) place = meta.take<PagePlace>();
  if (oldest_of(pages.list) != stamp.oldest) return std::nullopt;
  return pages;
}

}  // namespace gatehouse::cache
