#include "gateway/proxy/stored_ranges.hpp"

#include <algorithm>

#include "gateway/cache/partial.hpp"
#include "gateway/proxy/hex.hpp"

namespace gatehouse::proxy {
namespace {

constexpr std::uint64_t texts_max = 16 * 1024;  // of the scratch; only absurd types of content need more

/// What no content can have been made to hold: it depends on a secret and on when the response came.
std::string_view make_boundary(Passage& passage, const cache::Object& object) {
  const std::int64_t when = object.freshness().response_ms;
  const std::string_view when_bytes(reinterpret_cast<const char*>(&when), sizeof when);
  const cache::Key key = cache::make_key(passage.caching->shared.store.secret(), {"boundary", object.key_text(), when_bytes});
  const std::span<char> room = passage.x.scratch.take(32);
  put_hex<16>(put_hex<16>(room.data(), key.a), key.b);
  return {room.data(), room.size()};
}

/// Content that is still arriving comes in its own order.
bool in_order(const http::ByteRanges& ranges) noexcept { return std::ranges::is_sorted(ranges.all(), {}, &http::ByteRange::first); }

/// Writes texts one behind the other.
class Texts {
 public:
  explicit Texts(std::span<char> room) noexcept : left_(room) {}
  std::span<char> take(std::size_t size) noexcept {
    const std::span<char> room = left_.first(size);
    left_ = left_.subspan(size);
    return room;
  }

 private:
  std::span<char> left_;
};

}  // namespace

std::unique_ptr<GatheredFetch> make_multipart(Passage& passage, const cache::Object& object, const http::ByteRanges& ranges,
                                              http::Response& head) {
  if (!object.body()->complete() && !in_order(ranges)) return nullptr;
  const http::Field* const type = head.fields.first(http::FieldKind::content_type);
  cache::PartHead part;
  part.boundary = make_boundary(passage, object);
  part.content_type = type == nullptr ? std::string_view() : type->value();
  part.whole_length = head.body.length;
  const cache::MultipartSize size = cache::multipart_size(part, ranges);
  if (size.texts > texts_max || !cache::worth_parts(ranges.size, size.total, head.body.length)) return nullptr;
  exchange::Scratch& scratch = passage.x.scratch;
  Texts texts(scratch.take(static_cast<std::size_t>(size.texts)));
  auto content = std::make_unique<GatheredFetch>();
  part.first = true;
  for (const http::ByteRange range : ranges.all()) {
    part.range = range;
    const std::span<char> text = texts.take(cache::part_head_size(part));
    cache::write_part_head(part, text);
    content->add(std::string_view(text.data(), text.size()));
    content->add(std::make_unique<cache::Reader>(passage.x.worker, object.body(), range.first, range.end));
    part.first = false;
  }
  content->add(scratch.join("\r\n--", part.boundary, "--\r\n"));
  cache::make_multipart(head, size.total);
  head.fields.add("content-type", scratch.join("multipart/byteranges; boundary=", part.boundary));
  return content;
}

}  // namespace gatehouse::proxy
