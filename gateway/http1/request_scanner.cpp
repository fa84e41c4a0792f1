#include "gateway/http1/request_scanner.hpp"

#include <cstring>

#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/http1/byte_search.hpp"
#include "gateway/http1/framing.hpp"

namespace gatehouse::http1 {
namespace {

using http::Method;
using http::Request;

/// A line that ends too early, at a CR or LF.
Line early_end(const char* p, const char* e, Errc what) noexcept {
  if (*p == '\n') return bad(Errc::bad_line_end, p);
  if (e - p < 2) return more();
  return bad(p[1] == '\n' ? what : Errc::bad_line_end, p);
}

Line read_method(const char* p, const char* e, Request& out) noexcept {
  const char* const start = p;
  while (p != e && http::is_char(*p, http::char_token)) ++p;  // short: no need for sixteen at once
  if (p == e) return more();
  if (*p == '\r' || *p == '\n') return early_end(p, e, Errc::bad_request_line);
  if (*p != ' ') return bad(Errc::bad_method, p);
  if (p == start) return bad(Errc::bad_request_line, p);  // RFC 9112 3: no white space before the method
  out.method_text = {start, static_cast<std::size_t>(p - start)};
  out.method = method_of(out.method_text);
  // RFC 9110 15.5.6: known, but not allowed. CONNECT would make a tunnel, TRACE echoes what scripts may not see.
  if (out.method == Method::connect) return bad(Errc::connect_refused_method, start);
  if (out.method == Method::trace) return bad(Errc::trace_refused_method, start);
  return Line{Line::Stop::complete, Errc::none, p + 1};
}

Line read_target(const char* p, const char* e, Request& out) noexcept {
  const char* const start = p;
  p = visible_end(p, e);
  if (p == e) return more();
  if (*p == '\r' || *p == '\n') return early_end(p, e, Errc::bad_request_line);  // HTTP/0.9 has no version
  if (*p != ' ') return bad(Errc::bad_target, p);
  if (p == start) return bad(Errc::bad_request_line, p);  // two spaces (RFC 9112 3)
  out.target = {start, static_cast<std::size_t>(p - start)};
  const http::Target target = http::parse_target(out.target, out.method == Method::options);
  const bool preface = out.method_text == "PRI" && out.target == "*";  // decided with the version
  if (target.form == http::TargetForm::invalid && !preface) return bad(Errc::bad_target, start);
  out.absolute_form = target.form == http::TargetForm::absolute;
  out.scheme = target.scheme;
  out.authority = target.authority;
  out.path = target.path;
  out.query = target.query;
  out.has_query = target.has_query;
  return Line{Line::Stop::complete, Errc::none, p + 1};
}

/// Whether the text looks like a version, of whatever number and letter case.
bool looks_like_version(std::string_view text) noexcept {
  return text.size() == 8 && http::starts_with_ignoring_case(text, "HTTP/") && http::is_char(text[5], http::char_digit) &&
         text[6] == '.' && http::is_char(text[7], http::char_digit);
}

Line read_version(const char* p, const char* e, Request& out) noexcept {
  const char* const start = p;
  if (e - p >= 10 && std::memcmp(p, "HTTP/1.1\r\n", 10) == 0 && !out.path.empty()) {
    out.version_minor = 1;
    return Line{Line::Stop::complete, Errc::none, p + 10};
  }
  p = visible_end(p, e);
  if (p == e) return more();
  if (*p == '\n') return bad(Errc::bad_line_end, p);
  if (*p != '\r') return bad(Errc::bad_version, p);
  if (e - p < 2) return more();
  if (p[1] != '\n') return bad(Errc::bad_line_end, p);
  const std::string_view text(start, static_cast<std::size_t>(p - start));
  if (out.path.empty()) {  // PRI *: RFC 9113 3.4
    return text == "HTTP/2.0" ? bad(Errc::http2_preface, start) : bad(Errc::bad_target, out.target.data());
  }
  // RFC 9112 2.3: the name is case-sensitive. HTTP/1.2 and the like do not exist.
  if (text != "HTTP/1.1" && text != "HTTP/1.0") {
    return bad(looks_like_version(text) ? Errc::version_not_supported : Errc::bad_version, start);
  }
  out.version_minor = text.back() == '1' ? 1 : 0;
  return Line{Line::Stop::complete, Errc::none, p + 2};
}

Line read_request_line(const char* p, const char* e, Request& out) noexcept {
  Line line = read_method(p, e, out);
  if (line.stop == Line::Stop::complete) line = read_target(line.at, e, out);
  if (line.stop == Line::Stop::complete) line = read_version(line.at, e, out);
  return line;
}

const http::Field* second_of(const http::FieldList& fields, http::FieldKind kind) noexcept {
  const http::Field* const first = fields.first(kind);
  for (const http::Field& field : fields.all()) {
    if (field.kind == kind && &field != first) return &field;
  }
  return nullptr;
}

}  // namespace

Method method_of(std::string_view token) noexcept {
  switch (token.size()) {
    case 3: return token == "GET" ? Method::get : token == "PUT" ? Method::put : Method::other;
    case 4: return token == "POST" ? Method::post : token == "HEAD" ? Method::head : Method::other;
    case 5: return token == "PATCH" ? Method::patch : token == "TRACE" ? Method::trace : Method::other;
    case 6: return token == "DELETE" ? Method::delete_ : Method::other;
    case 7: return token == "OPTIONS" ? Method::options : token == "CONNECT" ? Method::connect : Method::other;
    default: return Method::other;
  }
}

Scan RequestScanner::scan(std::span<const char> buffer, const ScanLimits& limits, Request& out) noexcept {
  if (!head_.resume(buffer, limits)) return Scan{};
  if (!head_.start_line_done()) {
    if (!head_.skip_empty_line()) return Scan{};
    out.fields.clear();
    const char* const end = head_.line_end(limits.start_line, limits.head);
    const Scan scan = head_.after_start_line(read_request_line(head_.line(), end, out), limits);
    if (!head_.start_line_done()) return scan;
  }
  const Scan scan = head_.fields(limits, out.fields);
  return scan.complete() ? finish(scan, out) : scan;
}

/// What can only be said of the whole head: Host (RFC 9112 3.2) and framing (6).
Scan RequestScanner::finish(Scan complete, Request& out) const noexcept {
  const http::Field* const host = out.fields.first(http::FieldKind::host);
  if (host == nullptr) {
    if (out.version_minor != 0) return head_.refuse(Errc::missing_host, head_.line());
    if (!out.absolute_form) out.authority = {};
  } else {
    const http::Field* const second = second_of(out.fields, http::FieldKind::host);
    if (second != nullptr) return head_.refuse(Errc::duplicate_host, second->line);
    if (!http::valid_authority(host->value())) return head_.refuse(Errc::bad_host, host->value().data());
    // RFC 9112 3.2.2: an absolute target's authority replaces Host, which must be valid all the same.
    if (!out.absolute_form) out.authority = host->value();
  }
  const FramingProblem problem = frame_request(out);
  if (problem.what == Errc::none) return complete;
  return head_.refuse(problem.what, problem.field != nullptr ? problem.field->line : head_.line());
}

}  // namespace gatehouse::http1
