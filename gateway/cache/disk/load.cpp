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

Loaded load_object(const Segment& segment, const DiskPlace& place, const Key& key, const Match& match) {
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
  if (head->type != RecordType::object || head->key != key) return {};
  const ObjectRef seen = decode_object(*head, bytes, {});
  if (!seen) return {{}, true};
  if (!match(*seen)) return {};
  BodyRef body = load_content(segment, at, *head, bytes);
  if (!body) return {{}, true};
  return {decode_object(*head, bytes, std::move(body)), false};
}

}  // namespace gatehouse::cache
