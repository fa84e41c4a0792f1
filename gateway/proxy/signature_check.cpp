#include "gateway/proxy/signature_check.hpp"

#include <algorithm>

#include "gateway/cdn/signed_request.hpp"
#include "gateway/proxy/cache_key.hpp"

namespace gatehouse::proxy {
namespace {

bool has_signature(const http::Field& field) noexcept {
  return field.kind == http::FieldKind::cookie && !field.dropped && cdn::has_signature_cookie(field.value());
}

/// Writes the Cookie fields anew, in one piece of room: it is never more than they had in the head.
void strip_cookies(Passage& passage) {
  constexpr std::string_view begin = "cookie: ";
  const std::span<http::Field> fields = passage.x.request.fields.all();
  std::size_t size = 0;
  for (const http::Field& field : fields) size += has_signature(field) ? begin.size() + field.value().size() : 0;
  if (size == 0) return;
  std::span<char> room = passage.x.scratch.take(size);
  for (http::Field& field : fields) {
    if (!has_signature(field)) continue;
    std::ranges::copy(begin, room.data());
    const std::string_view value = cdn::without_signature_cookies(field.value(), room.subspan(begin.size()));
    field.line = room.data();
    field.name_size = static_cast<std::uint16_t>(begin.find(':'));
    field.value_offset = static_cast<std::uint16_t>(begin.size());
    field.value_size = static_cast<std::uint32_t>(value.size());
    field.canonical = false;
    field.dropped = value.empty();
    room = room.subspan(begin.size() + value.size());
  }
}

}  // namespace

Try<void> check_signature(Passage& passage, const cdn::TrustedKeys& trusted) {
  http::Request& request = passage.x.request;
  const auto now_s = static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000'000);
  const std::string_view path = passage.asked_path.empty() ? request.path : passage.asked_path;
  const cdn::SignedRequest asked{scheme_of(passage), request.authority, path, request.query,
                                 request.has_query, request.fields, passage.client().ip(), now_s};
  const cdn::SignatureVerdict verdict = cdn::check(trusted, asked);
  if (verdict != cdn::SignatureVerdict::allowed) {
    passage.reason = cdn::signature_reason(verdict);
    return Failure{exchange::fault_of(Errc::signature_refused)};
  }
  if (cdn::has_signature(request.query)) {
    request.query = cdn::without_signature(request.query, passage.x.scratch.take(request.query.size()));
    request.has_query = !request.query.empty();
  }
  strip_cookies(passage);
  return {};
}

}  // namespace gatehouse::proxy
