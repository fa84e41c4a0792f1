#include "gateway/http1/chunked.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/token.hpp"
#include "gateway/http1/scan.hpp"

namespace gatehouse::http1 {
namespace {

/// Up to this size a chunk is moved behind the one before it; above, a piece of its own costs less than the move.
constexpr std::size_t move_max = 4096;

}  // namespace

void ChunkedDecoder::reset(exchange::Side side) noexcept {
  state_ = State::size_first;
  side_ = side;
  problem_ = Errc::none;
  left_ = 0;
  digits_ = 0;
  extension_line_ = extension_total_ = trailer_size_ = trailer_line_ = 0;
  trailers_.clear();
}

bool ChunkedDecoder::refuse(Errc what) noexcept {
  problem_ = side_ == exchange::Side::origin ? Errc::origin_bad_chunk : what;
  state_ = State::refused;
  return false;
}

ChunkedDecoder::Step ChunkedDecoder::feed(std::span<char> in) noexcept {
  Step step;
  std::size_t at = 0;
  while (at < in.size() && state_ != State::done && state_ != State::refused) {
    if (state_ == State::data) {
      const std::size_t before = at;
      take_data(in, at, step);
      if (at == before) break;  // a long chunk behind another one: the next step's
    } else if (state_ == State::trailer) {
      at += read_trailer({in.data() + at, in.size() - at});
    } else if (framing_byte(in[at])) {
      ++at;
    }
  }
  step.consumed = at;
  step.done = state_ == State::done;
  step.errc = problem_;
  return step;
}

/// Takes what is there of a chunk into the step's content, moving it down if there is content already.
void ChunkedDecoder::take_data(std::span<char> in, std::size_t& at, Step& step) noexcept {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size() - at));
  if (step.content.empty()) {
    step.content = in.subspan(at, n);
  } else {
    if (n > move_max) return;
    const auto offset = static_cast<std::size_t>(step.content.data() - in.data());
    std::memmove(in.data() + offset + step.content.size(), in.data() + at, n);
    step.content = in.subspan(offset, step.content.size() + n);
  }
  at += n;
  left_ -= n;
  if (left_ == 0) state_ = State::data_cr;
}

/// Reads one byte that is neither content nor trailer; false when it is refused.
bool ChunkedDecoder::framing_byte(char c) noexcept {
  switch (state_) {
    case State::size_first:
    case State::size: return size_byte(c);
    case State::extension: return extension_byte(c);
    case State::size_lf: return c == '\n' ? end_size_line() : refuse(Errc::bad_chunk);
    case State::data_cr: state_ = State::data_lf; return c == '\r' || refuse(Errc::bad_chunk);
    case State::data_lf: state_ = State::size_first; return c == '\n' || refuse(Errc::bad_chunk);
    default: return refuse(Errc::bad_chunk);
  }
}

/// RFC 9112 7.1: chunk-size = 1*HEXDIG. No sign, no 0x, no blank before it.
bool ChunkedDecoder::size_byte(char c) noexcept {
  const int digit = http::hex_value(c);
  if (digit >= 0) {
    if (state_ == State::size_first) left_ = digits_ = 0;
    state_ = State::size;
    left_ = left_ << 4 | static_cast<unsigned>(digit);
    // Sixteen digits fill the number; a chunk beyond the signed range is nonsense that others compute with wrongly.
    if (++digits_ > 16 || left_ > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return refuse(Errc::bad_chunk);
    return true;
  }
  if (state_ == State::size_first) return refuse(Errc::bad_chunk);
  if (c == '\r') {
    state_ = State::size_lf;
    return true;
  }
  extension_line_ = 0;
  extension_ = Extension::separator;
  state_ = State::extension;
  return extension_byte(c);
}

bool ChunkedDecoder::begin_extension(char c) noexcept {
  extension_ = c == ';' ? Extension::name_first : Extension::separator;
  return c == ';' || http::is_blank(c) || refuse(Errc::bad_chunk);
}

/// RFC 9112 7.1.1. Nobody uses extensions but those who look for readers that disagree about them, so their syntax
/// is checked to the letter and they end here (a recipient MUST ignore those it does not know).
bool ChunkedDecoder::extension_byte(char c) noexcept {
  if (++extension_line_ > extension_line_max || ++extension_total_ > extension_total_max) return refuse(Errc::bad_chunk);
  const bool token = http::is_char(c, http::char_token);
  const bool ends_line = c == '\r' && (extension_ == Extension::name || extension_ == Extension::value ||
                                       extension_ == Extension::after_quoted);
  if (ends_line) {
    state_ = State::size_lf;
    return true;
  }
  switch (extension_) {
    case Extension::separator:
    case Extension::after_quoted: return begin_extension(c);
    case Extension::name_first:
      if (token) extension_ = Extension::name;
      return token || http::is_blank(c) || refuse(Errc::bad_chunk);
    case Extension::name:
      if (token) return true;
      [[fallthrough]];
    case Extension::after_name:
      extension_ = Extension::after_name;
      if (http::is_blank(c)) return true;
      if (c != '=') return begin_extension(c);
      extension_ = Extension::value_first;
      return true;
    case Extension::value_first:
      if (http::is_blank(c)) return true;
      extension_ = c == '"' ? Extension::quoted : Extension::value;
      return c == '"' || token || refuse(Errc::bad_chunk);
    case Extension::value: return token || begin_extension(c);
    case Extension::quoted:
      if (c == '"') extension_ = Extension::after_quoted;
      else if (c == '\\') extension_ = Extension::escaped;
      else return http::is_char(c, http::char_quoted) || refuse(Errc::bad_chunk);
      return true;
    case Extension::escaped:
      extension_ = Extension::quoted;
      return c == '"' || c == '\\' || http::is_char(c, http::char_quoted) || refuse(Errc::bad_chunk);
  }
  return refuse(Errc::bad_chunk);
}

bool ChunkedDecoder::end_size_line() noexcept {
  state_ = left_ == 0 ? State::trailer : State::data;
  return true;
}

/// Copies trailer lines into the decoder and reads each when it is complete. Returns what it took of `in`.
std::size_t ChunkedDecoder::read_trailer(std::string_view in) noexcept {
  std::size_t taken = 0;
  while (taken < in.size() && state_ == State::trailer) {
    const std::size_t end = in.find('\n', taken);
    const std::size_t n = (end == std::string_view::npos ? in.size() : end + 1) - taken;
    if (n > trailer_bytes_max - trailer_size_) {
      refuse(Errc::bad_trailer);
      return taken;
    }
    std::memcpy(trailer_text_.data() + trailer_size_, in.data() + taken, n);
    trailer_size_ += static_cast<std::uint32_t>(n);
    taken += n;
    if (end != std::string_view::npos && !end_trailer_line()) return taken;
  }
  return taken;
}

bool ChunkedDecoder::end_trailer_line() noexcept {
  const char* const line = trailer_text_.data() + trailer_line_;
  const char* const end = trailer_text_.data() + trailer_size_;
  trailer_line_ = trailer_size_;
  if (end - line == 2 && *line == '\r') {
    state_ = State::done;
    return true;
  }
  http::Field field;
  const Line read = scan_field(line, end, field);
  if (read.stop != Line::Stop::complete || read.at != end) return refuse(Errc::bad_trailer);
  if (trailers_.all().size() == trailer_fields_max || !http::allowed_in_trailer(field)) return refuse(Errc::bad_trailer);
  trailers_.push(field);
  return true;
}

std::size_t write_chunk_head(std::span<char, chunk_head_max> out, std::uint64_t size) noexcept {
  char* const end = std::to_chars(out.data(), out.data() + 16, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  return static_cast<std::size_t>(end - out.data()) + 2;
}

std::size_t write_last_chunk(std::span<char> out, const http::FieldList* trailers) noexcept {
  std::size_t size = 0;
  const auto put = [&](std::string_view text) {
    if (text.empty()) return;
    if (size > out.size() || text.size() > out.size() - size) {
      size = out.size() + 1;  // does not fit, nor does anything after it
      return;
    }
    std::memcpy(out.data() + size, text.data(), text.size());
    size += text.size();
  };
  put("0\r\n");
  if (trailers != nullptr) {
    for (const http::Field& field : trailers->all()) {
      if (field.dropped) continue;
      put(field.name());
      put(": ");
      put(field.value());
      put("\r\n");
    }
  }
  put("\r\n");
  return size > out.size() ? 0 : size;
}

}  // namespace gatehouse::http1
