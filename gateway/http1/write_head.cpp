#include "gateway/http1/write_head.hpp"

#include <charconv>
#include <cstring>

namespace gatehouse::http1 {
namespace {

using http::BodyKind;
using http::Field;
using http::FieldKind;
using http::FieldKinds;

constexpr FieldKinds framing_fields(FieldKind::content_length, FieldKind::transfer_encoding);  // written anew

/// Copies and returns the end. Names and most values are short: two overlapping words spare the call.
inline char* copy(char* at, std::string_view text) noexcept {
  const char* const from = text.data();
  const std::size_t n = text.size();
  if (n > 16) {
    std::memcpy(at, from, n);
  } else if (n >= 8) {
    std::memcpy(at, from, 8);
    std::memcpy(at + n - 8, from + n - 8, 8);
  } else if (n >= 4) {
    std::memcpy(at, from, 4);
    std::memcpy(at + n - 4, from + n - 4, 4);
  } else {
    for (std::size_t i = 0; i < n; ++i) at[i] = from[i];
  }
  return at + n;
}

/// Appends texts as long as they fit.
class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept : begin_(out.data()), at_(out.data()), end_(out.data() + out.size()) {}

  void put(std::string_view text) noexcept {
    if (has_room(text.size())) at_ = copy(at_, text);
  }
  void put(std::uint64_t number) noexcept {
    char digits[20];
    const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    put(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  void field(std::string_view name, std::string_view value) noexcept {
    if (!has_room(name.size() + value.size() + 4)) return;
    char* const colon = copy(at_, name);
    std::memcpy(colon, ": ", 2);
    char* const end = copy(colon + 2, value);
    std::memcpy(end, "\r\n", 2);
    at_ = end + 2;
  }
  std::size_t size() const noexcept { return full_ ? 0 : static_cast<std::size_t>(at_ - begin_); }

 private:
  bool has_room(std::size_t size) noexcept {
    if (size <= static_cast<std::size_t>(end_ - at_)) return true;
    full_ = true;
    return false;
  }

  char* begin_;
  char* at_;
  char* end_;
  bool full_{false};
};

/// Copies the fields that are forwarded, but for some kinds. Neighbours that are canonical stand in the buffer as they
/// are to be sent, so a run of them is one copy.
void put_fields(Writer& out, const http::FieldList& fields, http::FieldKinds left_out) noexcept {
  const char* run = nullptr;
  const char* run_end = nullptr;
  for (const Field& field : fields.all()) {
    if (field.dropped || left_out.has(field.kind)) continue;
    if (field.canonical && field.line == run_end) {
      run_end += field.text().size();
      continue;
    }
    out.put({run, static_cast<std::size_t>(run_end - run)});
    run = run_end = field.line;
    if (field.canonical) run_end += field.text().size();
    else out.field(field.name(), field.value());
  }
  out.put({run, static_cast<std::size_t>(run_end - run)});
  for (const http::AddedField& added : fields.added()) out.field(added.name, added.value);
}

void put_framing(Writer& out, const http::Body& body) noexcept {
  if (body.kind == BodyKind::chunked) out.put("transfer-encoding: chunked\r\n");
  if (body.kind != BodyKind::counted) return;
  out.put("content-length: ");
  out.put(body.length);
  out.put("\r\n");
}

}  // namespace

std::size_t write_request_head(std::span<char> out, const http::Request& request, std::string_view target,
                               std::string_view host) noexcept {
  Writer writer(out);
  writer.put(request.method_text);
  writer.put(" ");
  if (target.empty()) {
    writer.put(request.path_prefix);
    writer.put(request.path);
    if (request.has_query) {
      writer.put("?");
      writer.put(request.query);
    }
  } else {
    writer.put(target);
  }
  writer.put(" HTTP/1.1\r\n");
  const Field* const own = request.fields.first(FieldKind::host);
  const bool replaced = !host.empty() || request.absolute_form || own == nullptr || own->dropped;
  if (replaced) writer.field("host", host.empty() ? request.authority : host);
  put_fields(writer, request.fields, replaced ? FieldKinds(framing_fields, FieldKind::host) : framing_fields);
  put_framing(writer, request.body);
  writer.put("\r\n");
  return writer.size();
}

std::size_t write_response_head(std::span<char> out, const http::Response& response) noexcept {
  Writer writer(out);
  // A status is three digits: scanners and filters see to that.
  char line[] = "HTTP/1.1 000 ";
  line[9] = static_cast<char>('0' + response.status / 100 % 10);
  line[10] = static_cast<char>('0' + response.status / 10 % 10);
  line[11] = static_cast<char>('0' + response.status % 10);
  writer.put({line, sizeof line - 1});
  writer.put(response.reason);
  writer.put("\r\n");
  put_fields(writer, response.fields, framing_fields);
  put_framing(writer, response.body);
  // A length that announces nothing here: HEAD or 304. Its digits were checked with the head.
  const Field* const length = response.fields.first(FieldKind::content_length);
  const bool may_have_length = response.status >= 200 && response.status != 204;
  if (response.body.kind == BodyKind::none && length != nullptr && !length->dropped && may_have_length) {
    writer.field("content-length", length->value());
  }
  writer.put("\r\n");
  return writer.size();
}

}  // namespace gatehouse::http1
