// What the scanners of request and response heads share: the verdict (Scan), the limits, and the incremental walk over
// the lines of a head (HeadScan). A scanner is given the buffer from the start of the head again and again as it grows.
//
// A line that is not complete is tried again only when its end has arrived or it grew by an eighth, and what lies
// before it is never looked at twice: a head that drips in costs linear time. A buffer that has moved is
// scanned again from its start, which costs a bounded factor as long as it grows geometrically.
//
// The verdict does not depend on how the bytes arrived: the problem nearest to the start wins, and a limit is a
// problem at the first byte beyond it. Pure; one per connection and direction; no allocation, no exception.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "gateway/exchange/fault.hpp"
#include "gateway/http/field.hpp"

namespace gatehouse::config {
struct Limits;
}

namespace gatehouse::http1 {

using exchange::Errc;

/// What a scanner says of the bytes so far.
struct Scan {
  enum class State : std::uint8_t { need_more, complete, refused };
  State state{State::need_more};
  Errc errc{Errc::none};      // refused: what the exchange reports
  Errc detail{Errc::none};    // refused: what exactly is wrong; the same as errc but for responses
  std::uint16_t status{0};    // refused: what the client is answered
  std::size_t head_size{0};   // complete: bytes up to the content, a leading empty line included
  std::size_t offset{0};      // refused: of the offending byte

  bool need_more() const noexcept { return state == State::need_more; }
  bool complete() const noexcept { return state == State::complete; }
  bool refused() const noexcept { return state == State::refused; }
};

/// Limits of one head, in bytes without line ends; `head` is all of it.
struct ScanLimits {
  std::uint32_t start_line{16 * 1024};
  std::uint32_t field{16 * 1024};
  std::uint32_t head{64 * 1024};
  std::uint32_t count{100};

  ScanLimits() = default;
  /// Those of requests.
  explicit ScanLimits(const config::Limits& limits) noexcept;
  /// Those of a head of which only the whole size is limited (responses).
  static ScanLimits of_head(std::uint32_t bytes) noexcept;
};

/// How far a line could be read.
struct Line {
  enum class Stop : std::uint8_t { complete, more, bad };
  Stop stop{Stop::more};
  Errc what{Errc::none};
  const char* at{nullptr};  // complete: behind the line's end; bad: the offending byte
};
inline Line more() noexcept { return Line{}; }
inline Line bad(Errc what, const char* at) noexcept { return Line{Line::Stop::bad, what, at}; }

/// Reads one field line, CRLF included (RFC 9112 5). Strict: no blank before the colon, no bare CR or LF, no NUL or other
/// control but tab. `p` is not at an empty line. Also used for trailer sections.
Line scan_field(const char* p, const char* e, http::Field& field) noexcept;
/// What is wrong with the start of a field line, if something is: a line that begins with a blank.
Errc line_start_problem(char first, bool first_line) noexcept;

/// The walk over a head's lines: where it stands, what was tried.
class HeadScan {
 public:
  void reset() noexcept { *this = HeadScan(); }
  /// Takes the buffer as it is now, and begins anew when it has moved. False when nothing can be decided that was not
  /// before.
  bool resume(std::span<const char> buffer, const ScanLimits& limits) noexcept;
  const char* line() const noexcept { return base_ + line_; }
  /// Where reading of the present line must stop, for it is the end of the bytes or of a limit.
  const char* line_end(std::uint32_t line_max, std::uint32_t head_max) const noexcept;
  /// Skips the one empty line that may stand before a request (RFC 9112 2.2). False when it is not complete.
  bool skip_empty_line() noexcept;

  /// Turns a start line's outcome into a verdict; need_more with the line done means: go on with fields().
  Scan after_start_line(Line line, const ScanLimits& limits) noexcept;
  /// False at first and after the buffer has moved: what was made of the head so far is to be forgotten.
  bool start_line_done() const noexcept { return start_line_done_; }
  /// Reads field lines up to the empty one.
  Scan fields(const ScanLimits& limits, http::FieldList& out) noexcept;

  /// A refusal; `at` is the offending byte.
  Scan refuse(Errc what, const char* at) const noexcept;

 private:
  Scan unfinished(Line line, std::uint32_t line_max, Errc too_long, const ScanLimits& limits) noexcept;

  const char* base_{nullptr};
  std::size_t size_{0};      // bytes seen so far
  std::size_t line_{0};      // start of the line under way
  std::size_t next_try_{0};  // size at which an incomplete line is worth another try
  bool start_line_done_{false};
};

}  // namespace gatehouse::http1
