#include "gateway/http1/scan.hpp"

#include <algorithm>
#include <cstring>

#include "gatehouse/config/model.hpp"
#include "gateway/http1/byte_search.hpp"

namespace gatehouse::http1 {
namespace {

/// A line without a colon: which of its faults it is depends on the byte where the name ends.
Line bad_name(const char* p, const char* e) noexcept {
  if (*p == '\n') return bad(Errc::bad_line_end, p);
  if (*p != '\r') return bad(Errc::bad_field_name, p);  // RFC 9112 5.1: also the blank before a colon
  if (e - p < 2) return more();
  return bad(p[1] == '\n' ? Errc::bad_field_name : Errc::bad_line_end, p);
}

}  // namespace

ScanLimits::ScanLimits(const config::Limits& limits) noexcept
    : start_line(limits.request_line), field(limits.header_field), head(limits.request_headers), count(limits.header_count) {}

ScanLimits ScanLimits::of_head(std::uint32_t bytes) noexcept {
  ScanLimits limits;
  limits.start_line = limits.field = limits.head = bytes;
  limits.count = static_cast<std::uint32_t>(http::fields_max);
  return limits;
}

namespace {

#if defined(__SSE2__)
/// Reads a field line as nearly all are: the name ends within sixteen bytes, one space, a value without blanks around it,
/// CRLF. Returns where the next line begins, or null when this one is anything else (or wrong, or not complete), which
/// scan_field then says. Bytes up to `end` may be read.
[[gnu::always_inline]] inline const char* usual_field(const char* p, const char* end, std::uint32_t size_max, http::Field& field) noexcept {
  if (end - p < 32) return nullptr;
  const unsigned colons = mask_16(_mm_cmpeq_epi8(load_16(p), all_16(':')));
  if (colons == 0) return nullptr;
  const auto name_size = static_cast<unsigned>(__builtin_ctz(colons));
  const unsigned name_bits = (1u << name_size) - 1;
  if (name_size == 0 || (usual_name_16(p) & name_bits) != name_bits) return nullptr;
  const char* const value = p + name_size + 2;
  if (value[-1] != ' ' || static_cast<unsigned char>(value[0]) <= ' ') return nullptr;
  const char* stop = value;
  const char* const last = end - 16;
  unsigned found = 0;
  for (; stop <= last; stop += 16) {
    found = controls_16(stop);
    if (found != 0) break;
  }
  if (found == 0) return nullptr;
  stop += __builtin_ctz(found);
  // Sixteen bytes from the block's start were there to read, so the byte behind a CR that is not its last is too.
  if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n') return nullptr;
  if (stop[-1] == ' ' || stop[-1] == '\t' || stop - p > size_max) return nullptr;
  field.line = p;
  field.name_size = static_cast<std::uint16_t>(name_size);
  field.value_offset = static_cast<std::uint16_t>(name_size + 2);
  field.value_size = static_cast<std::uint32_t>(stop - value);
  field.kind = http::field_kind({p, name_size});
  field.canonical = true;
  field.dropped = false;
  return stop + 2;
}
#else
inline const char* usual_field(const char*, const char*, std::uint32_t, http::Field&) noexcept { return nullptr; }
#endif

}  // namespace

Line scan_field(const char* p, const char* e, http::Field& field) noexcept {
  const char* const line = p;
  p = token_end(p, e);
  if (p == e) return more();
  if (*p != ':' || p == line) return bad_name(p, e);
  const char* const name_end = p++;
  while (p != e && http::is_blank(*p)) ++p;
  // Field has 16 bits for both; the limits in use are far below.
  if (p - line > 0xffff) return bad(Errc::field_too_large, line + 0xffff);
  const char* const value = p;
  const char* const stop = value_end(p, e, line);
  if (stop == e) return more();
  if (*stop != '\r') return bad(*stop == '\n' ? Errc::bad_line_end : Errc::bad_field_value, stop);
  if (e - stop < 2) return more();
  if (stop[1] != '\n') return bad(Errc::bad_line_end, stop);
  const char* value_stop = stop;
  while (value_stop != value && http::is_blank(value_stop[-1])) --value_stop;

  field.line = line;
  field.name_size = static_cast<std::uint16_t>(name_end - line);
  field.value_offset = static_cast<std::uint16_t>(value - line);
  field.value_size = static_cast<std::uint32_t>(value_stop - value);
  field.kind = http::field_kind({line, field.name_size});
  field.canonical = value_stop == stop && value - name_end == 2 && name_end[1] == ' ';
  field.dropped = false;
  return Line{Line::Stop::complete, Errc::none, stop + 2};
}

Errc line_start_problem(char first, bool first_line) noexcept {
  if (!http::is_blank(first)) return Errc::none;
  // RFC 9112 2.2: white space before the first field has hidden it from some readers. 5.2: folding is obsolete.
  return first_line ? Errc::bad_field_name : Errc::obs_fold;
}

bool HeadScan::resume(std::span<const char> buffer, const ScanLimits& limits) noexcept {
  if (buffer.data() != base_ || buffer.size() < size_) {
    reset();
    base_ = buffer.data();
  }
  const std::size_t old = size_;
  size_ = buffer.size();
  if (size_ == old) return false;
  if (size_ >= next_try_ || size_ > limits.head) return true;
  return std::memchr(base_ + old, '\n', size_ - old) != nullptr;
}

const char* HeadScan::line_end(std::uint32_t line_max, std::uint32_t head_max) const noexcept {
  return base_ + std::min({size_, line_ + line_max + 2, std::size_t{head_max}});
}

bool HeadScan::skip_empty_line() noexcept {
  if (line_ != 0 || size_ == 0 || base_[0] != '\r') return true;
  if (size_ < 2) return false;
  if (base_[1] == '\n') line_ = 2;
  return true;
}

Scan HeadScan::refuse(Errc what, const char* at) const noexcept {
  Scan scan;
  scan.state = Scan::State::refused;
  scan.errc = scan.detail = what;
  scan.status = exchange::fault_of(what).status;
  scan.offset = static_cast<std::size_t>(at - base_);
  return scan;
}

/// The verdict on a line that is not complete. A limit counts as a problem at the first byte beyond it, and what lies
/// nearer to the start wins, so that the verdict is the same for one large piece and for many small ones.
Scan HeadScan::unfinished(Line line, std::uint32_t line_max, Errc too_long, const ScanLimits& limits) noexcept {
  const std::size_t line_limit = line_ + line_max;
  if (line.stop == Line::Stop::bad) {
    const auto at = static_cast<std::size_t>(line.at - base_);
    return at < line_limit ? refuse(line.what, line.at) : refuse(too_long, base_ + line_limit);
  }
  const std::size_t clip = std::min(line_limit + 2, std::size_t{limits.head});
  if (size_ > clip) {
    return limits.head <= line_limit + 2 ? refuse(Errc::head_too_large, base_ + limits.head)
                                         : refuse(too_long, base_ + line_limit);
  }
  next_try_ = std::min(size_ + (size_ - line_) / 8 + 1, clip + 1);
  return Scan{};
}

Scan HeadScan::after_start_line(Line line, const ScanLimits& limits) noexcept {
  if (line.stop != Line::Stop::complete) return unfinished(line, limits.start_line, Errc::request_line_too_long, limits);
  line_ = static_cast<std::size_t>(line.at - base_);
  next_try_ = 0;
  start_line_done_ = true;
  return Scan{};
}

Scan HeadScan::fields(const ScanLimits& limits, http::FieldList& out) noexcept {
  const std::size_t count_max = std::min<std::size_t>(limits.count, http::fields_max);
  const char* const end = base_ + std::min<std::size_t>(size_, limits.head);
  for (;;) {
    const char* p = line();
    while (out.all().size() < count_max) {
      const char* const next = usual_field(p, end, limits.field, out.next());
      if (next == nullptr) break;
      out.push_next();
      p = next;
    }
    line_ = static_cast<std::size_t>(p - base_);
    const char* const e = end - p > limits.field + 2 ? p + limits.field + 2 : end;
    Line line = more();
    if (p == e) return unfinished(line, limits.field, Errc::field_too_large, limits);
    if (*p == '\r') {
      if (e - p < 2) return unfinished(line, limits.field, Errc::field_too_large, limits);
      if (p[1] != '\n') return refuse(Errc::bad_line_end, p);
      Scan scan;
      scan.state = Scan::State::complete;
      scan.head_size = line_ + 2;
      return scan;
    }
    const std::size_t count = out.all().size();
    const Errc problem = line_start_problem(*p, count == 0);
    if (problem != Errc::none) return refuse(problem, p);
    if (count == count_max) return refuse(Errc::too_many_fields, p);
    line = scan_field(p, e, out.next());
    if (line.stop != Line::Stop::complete) return unfinished(line, limits.field, Errc::field_too_large, limits);
    out.push_next();
    line_ = static_cast<std::size_t>(line.at - base_);
  }
}

}  // namespace gatehouse::http1
