#include "gateway/http1/framing.hpp"

#include <limits>

#include "gateway/http/list.hpp"
#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/status.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http1 {
namespace {

using http::BodyKind;
using http::Field;
using http::FieldKind;
using http::FieldList;

/// The only field of a kind; a second one is the problem `repeated`.
struct Single {
  const Field* field{nullptr};
  FramingProblem problem;
};
Single single(const FieldList& fields, FieldKind kind, Errc repeated) noexcept {
  Single result;
  if (!fields.has(kind)) return result;
  for (const Field& field : fields.all()) {
    if (field.kind != kind) continue;
    if (result.field != nullptr) {
      result.problem = {repeated, &field};
      return result;
    }
    result.field = &field;
  }
  return result;
}

/// What the coding list of one message says.
struct Codings {
  int chunked{0};
  bool chunked_last{false};
  bool malformed{false};
  const Field* unknown{nullptr};
};

void read_codings(const Field& field, Codings& codings) noexcept {
  // RFC 9110 5.6.1 lets empty list items pass, but an empty element here has hidden `chunked` from others.
  const std::string_view value = field.value();
  if (value.empty() || value.front() == ',' || value.back() == ',') codings.malformed = true;
  for (http::ListItems items(value); items.next();) {
    const std::string_view item = items.item();
    codings.chunked_last = http::equals_ignoring_case(item, "chunked");
    if (codings.chunked_last) {
      ++codings.chunked;
      continue;
    }
    const std::string_view name = http::without_parameters(item);
    // RFC 9112 7.1: chunked has no parameters.
    if (!http::is_token(name) || http::equals_ignoring_case(name, "chunked")) codings.malformed = true;
    else codings.unknown = &field;
  }
}

/// RFC 9112 6.1 and 6.3: the only list of codings taken is a single `chunked`.
FramingProblem frame_encoded(const FieldList& fields, std::uint8_t version_minor, http::Body& body) noexcept {
  const Field* const first = fields.first(FieldKind::transfer_encoding);
  // 6.3: both fields together are what smuggling is made of; ours is the choice to refuse them.
  if (fields.has(FieldKind::content_length)) return {Errc::length_and_encoding, first};
  // 6.1: a message in HTTP/1.0 with this field has faulty framing.
  if (version_minor == 0) return {Errc::encoding_in_http_1_0, first};
  Codings codings;
  for (const Field& field : fields.all()) {
    if (field.kind == FieldKind::transfer_encoding) read_codings(field, codings);
  }
  if (codings.malformed || codings.chunked > 1) return {Errc::bad_transfer_encoding, first};
  if (codings.chunked == 1 && !codings.chunked_last) return {Errc::bad_transfer_encoding, first};
  if (codings.unknown != nullptr) return {Errc::unknown_transfer_encoding, codings.unknown};
  if (codings.chunked == 0) return {Errc::bad_transfer_encoding, first};
  body = {BodyKind::chunked, 0};
  return {};
}

/// Sets the body as the fields have it. Without any there is none.
FramingProblem frame(const FieldList& fields, std::uint8_t version_minor, http::Body& body) noexcept {
  body = {};
  if (fields.has(FieldKind::transfer_encoding)) return frame_encoded(fields, version_minor, body);
  const Single length = single(fields, FieldKind::content_length, Errc::duplicate_content_length);
  if (length.field == nullptr || length.problem.what != Errc::none) return length.problem;
  const Errc problem = parse_content_length(length.field->value(), body.length);
  if (problem != Errc::none) return {problem, length.field};
  body.kind = BodyKind::counted;
  return {};
}

/// RFC 9112 9.3.
bool persists(const FieldList& fields, std::uint8_t version_minor) noexcept {
  if (!fields.has(FieldKind::connection)) return version_minor != 0;
  bool close = false;
  bool keep = false;
  for (const Field& field : fields.all()) {
    if (field.kind != FieldKind::connection) continue;
    if (http::field_kind(field.value()) == FieldKind::keep_alive) {  // the whole value is that name, as nearly always
      keep = true;
      continue;
    }
    close |= http::list_has(field.value(), "close");
    keep |= http::list_has(field.value(), "keep-alive");
  }
  return !close && (keep || version_minor != 0);
}

bool has_content(const http::Body& body) noexcept {
  return body.kind == BodyKind::chunked || (body.kind == BodyKind::counted && body.length != 0);
}

/// RFC 9110 10.1.1: an expectation that nobody knows is refused; from HTTP/1.0 clients 100-continue is not meant.
FramingProblem read_expect(http::Request& request) noexcept {
  request.expects_continue = false;
  const Single expect = single(request.fields, FieldKind::expect, Errc::bad_expect);
  if (expect.field == nullptr || expect.problem.what != Errc::none) return expect.problem;
  if (!http::equals_ignoring_case(expect.field->value(), "100-continue")) return {Errc::bad_expect, expect.field};
  request.expects_continue = request.version_minor != 0 && has_content(request.body);
  return {};
}

}  // namespace

Errc parse_content_length(std::string_view value, std::uint64_t& length) noexcept {
  constexpr std::uint64_t length_max = std::numeric_limits<std::int64_t>::max();
  std::uint64_t sum = 0;
  // RFC 9112 6.3 lets a list of equal lengths be understood as one; a sender of that is broken or has a plan.
  if (value.find(',') != std::string_view::npos) return Errc::duplicate_content_length;
  if (value.empty()) return Errc::bad_content_length;
  for (const char c : value) {
    if (!http::is_char(c, http::char_digit)) return Errc::bad_content_length;  // RFC 9110 8.6: 1*DIGIT, no sign
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (sum > (length_max - digit) / 10) return Errc::bad_content_length;
    sum = sum * 10 + digit;
  }
  length = sum;
  return Errc::none;
}

FramingProblem frame_request(http::Request& request) noexcept {
  const FieldList& fields = request.fields;
  FramingProblem problem = frame(fields, request.version_minor, request.body);
  if (problem.what != Errc::none) return problem;
  request.keep_alive = persists(fields, request.version_minor);
  problem = read_expect(request);
  if (problem.what != Errc::none) return problem;
  // RFC 9110 7.8: HTTP/1.0 cannot ask for an upgrade. Content before a switch of protocols is read by nobody alike.
  if (fields.has(FieldKind::upgrade) && request.version_minor != 0 && has_content(request.body)) {
    return {Errc::bad_upgrade, fields.first(FieldKind::upgrade)};
  }
  return {};
}

FramingProblem frame_response(http::Response& response, http::Method method) noexcept {
  const FieldList& fields = response.fields;
  const FramingProblem problem = frame(fields, response.version_minor, response.body);
  if (problem.what != Errc::none) return problem;
  response.keep_alive = persists(fields, response.version_minor);
  if (http::status_forbids_content(response.status) || method == http::Method::head) {
    const bool announced = has_content(response.body) && method != http::Method::head && response.status != 304;
    // RFC 9112 6.3: content that 1xx and 204 announce must not be read. Whoever sends it may have meant it, and
    // then the next head on this connection is not where it seems to be.
    if (announced && response.status < 200) {
      const FieldKind kind = response.body.kind == BodyKind::chunked ? FieldKind::transfer_encoding : FieldKind::content_length;
      return {kind == FieldKind::transfer_encoding ? Errc::bad_transfer_encoding : Errc::bad_content_length, fields.first(kind)};
    }
    if (announced) response.keep_alive = false;
    response.body = {};
    return {};
  }
  if (response.body.kind == BodyKind::none) {
    response.body.kind = BodyKind::until_close;  // RFC 9112 6.3, last item
    response.keep_alive = false;
  }
  return {};
}

}  // namespace gatehouse::http1
