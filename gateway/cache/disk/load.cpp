#include "gateway/cache/disk/load.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::cache {
namespace {

/// The content behind head and meta, of which `bytes` may hold a beginning. Empty when a chunk is not sound.
BodyRef load_content(const Segment& segment, std::uint64_t at, const RecordHead& head, std::span<const char> bytes) {
  const std::size_t content_at = sizeof head + head.meta_size;
  const std::span<const char> known = bytes.first(content_at);
  // Only a body of no announced length has trailers.
  BodyRef body = Body::make(head.trailers_size == 0 ? std::optional(head.content_size) : std::nullopt);
  std::string chunk;
  for (std::uint64_t done = 0, number = 0; done < head.content_size; ++number) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(content_chunk, head.content_size - done));
    std::span<const char> view;
    if (content_at + done + n <= bytes.size()) {
      view = bytes.subspan(content_at + static_cast<std::size_t>(done), n);
    } else {
      chunk.resize(n);
      if (segment.read(chunk, at + content_at + done) != n) return {};
      view = chunk;
    }
    if (!chunk_is_sound(known, static_cast<std::size_t>(number), view)) return {};
    body->append(view);
    done += n;
  }
  if (!body->complete()) body->finish(trailers_of(head, bytes));
  return body;
}

}  // namespace

Loaded load_object(const Segment& segment, const DiskPlace& place, const Wanted& wanted) {
  const std::uint64_t at = std::uint64_t{place.offset} * record_alignment;
  const std::uint64_t size = segment.size();
  std::string bytes(std::max<std::size_t>(place.read_size, sizeof(RecordHead)), '\0');
  bytes.resize(segment.read(bytes, at));
  const auto head = read_record_head(bytes, size - std::min(at, size));
  if (!head) return {{}, true};
  const std::size_t known = sizeof *head + head->meta_size;
  if (bytes.size() < known) {
    bytes.resize(known);
    bytes.resize(segment.read(bytes, at));
  }
  if (!record_is_sound(*head, bytes)) return {{}, true};
  if (!is_object(head->type) || head->key != wanted.key) return {};
  const ObjectRef seen = decode_object(*head, bytes, {});
  if (!seen) return {{}, true};
  if (!wanted.match(*seen)) return {};
  BodyRef body;
  if (head->type == RecordType::paged) {
    auto pages = decode_pages(*head, bytes);
    if (!pages) return {{}, true};
    body = wanted.paged(*seen, std::move(*pages));
    if (!body) return {{}, false, true};
  } else {
    body = load_content(segment, at, *head, bytes);
    if (!body) return {{}, true};
  }
  return {decode_object(*head, bytes, std::move(body))};
}

bool load_page(const Segment& segment, std::uint32_t offset, const PageId& id, Page& page, std::size_t size) {
  page.content_at = page_content_at(size);
  const std::size_t record = page.content_at + size;
  page.room = std::make_unique_for_overwrite<char[]>(record);
  const std::span<char> room(page.room.get(), record);
  return segment.read(room, std::uint64_t{offset} * record_alignment) == record && page_is_sound(id, room, size);
}

}  // namespace gatehouse::cache
