#include "gateway/http1/response_scanner.hpp"

#include <algorithm>
#include <cstring>

#include "gateway/http/token.hpp"
#include "gateway/http1/framing.hpp"

namespace gatehouse::http1 {
namespace {

/// The end of the line behind a reason phrase, which may have tabs, spaces, visible and obs-text characters.
Line read_reason(const char* p, const char* e, http::Response& out) noexcept {
  const char* const start = p;
  while (p != e && (*p == '\t' || static_cast<unsigned char>(*p) >= 0x20) && *p != 0x7f) ++p;
  if (p == e) return more();
  if (*p == '\n') return bad(Errc::bad_line_end, p);
  if (*p != '\r') return bad(Errc::bad_request_line, p);
  if (e - p < 2) return more();
  if (p[1] != '\n') return bad(Errc::bad_line_end, p);
  out.reason = {start, static_cast<std::size_t>(p - start)};
  return Line{Line::Stop::complete, Errc::none, p + 2};
}

/// RFC 9112 4: HTTP-version SP status-code SP [ reason-phrase ]. Some origins leave out the last space with the phrase.
Line read_status_line(const char* p, const char* e, http::Response& out) noexcept {
  constexpr std::string_view name = "HTTP/1.";
  const std::size_t at_hand = static_cast<std::size_t>(e - p);
  for (std::size_t i = 0; i < std::min(at_hand, name.size()); ++i) {
    if (p[i] != name[i]) return bad(Errc::bad_version, p + i);
  }
  if (at_hand < 8) return more();
  if (p[7] != '0' && p[7] != '1') return bad(Errc::bad_version, p + 7);
  if (at_hand < 9) return more();
  if (p[8] != ' ') return bad(Errc::bad_request_line, p + 8);
  int status = 0;
  for (std::size_t i = 9; i < 12; ++i) {
    if (i >= at_hand) return more();
    // RFC 9110 15: the first digit is the class, and there is no class 0.
    if (!http::is_char(p[i], http::char_digit) || (i == 9 && p[i] == '0')) return bad(Errc::bad_request_line, p + i);
    status = status * 10 + (p[i] - '0');
  }
  if (at_hand < 13) return more();
  out.version_minor = static_cast<std::uint8_t>(p[7] - '0');
  out.status = static_cast<std::uint16_t>(status);
  if (p[12] == ' ') return read_reason(p + 13, e, out);
  if (p[12] != '\r' && p[12] != '\n') return bad(Errc::bad_request_line, p + 12);
  return read_reason(p + 12, e, out);
}

/// A refusal in the exchange's words: it is the origin's doing, and the client need not know more.
Scan blame_origin(Scan scan, Errc as) noexcept {
  const bool large = scan.detail == Errc::head_too_large || scan.detail == Errc::request_line_too_long ||
                     scan.detail == Errc::field_too_large || scan.detail == Errc::too_many_fields;
  scan.errc = large ? Errc::origin_head_too_large : as;
  scan.status = exchange::fault_of(scan.errc).status;
  return scan;
}

}  // namespace

Scan ResponseScanner::scan(std::span<const char> buffer, std::uint32_t head_max, http::Method method,
                           http::Response& out) noexcept {
  const ScanLimits limits = ScanLimits::of_head(head_max);
  if (!head_.resume(buffer, limits)) return Scan{};
  if (!head_.start_line_done()) {
    out.fields.clear();
    const char* const end = head_.line_end(limits.start_line, limits.head);
    const Scan scan = head_.after_start_line(read_status_line(head_.line(), end, out), limits);
    if (scan.refused()) return blame_origin(scan, Errc::origin_bad_head);
    if (!head_.start_line_done()) return scan;
  }
  const Scan scan = head_.fields(limits, out.fields);
  if (scan.refused()) return blame_origin(scan, Errc::origin_bad_head);
  return scan.complete() ? finish(scan, method, out) : scan;
}

Scan ResponseScanner::finish(Scan complete, http::Method method, http::Response& out) const noexcept {
  const FramingProblem problem = frame_response(out, method);
  if (problem.what == Errc::none) return complete;
  const char* const at = problem.field != nullptr ? problem.field->line : head_.line();
  return blame_origin(head_.refuse(problem.what, at), Errc::origin_bad_framing);
}

}  // namespace gatehouse::http1
