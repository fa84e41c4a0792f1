#include "body/multipart.hpp"

#include <algorithm>

#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

// A line that begins like a boundary is kept up to this size to be told apart; longer ones are judged by their start.
constexpr std::size_t line_bytes_kept = 1024;
// Header lines of one part; each is compared with the others.
constexpr std::size_t headers_max = 64;

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool starts_with(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

/// The name of a header line; a null view when it has no colon.
std::string_view header_name(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon == std::string_view::npos ? std::string_view() : line.substr(0, colon);
}

}  // namespace

MultipartParser::MultipartParser(std::string_view content_type, BodySink& sink, const BodyLimits& limits)
    : sink_(sink), limits_(limits), boundary_(read_boundary(content_type, flags_)) {
  if (boundary_.empty()) fail(BodyError::no_boundary);
}

bool MultipartParser::feed(std::string_view piece) {
  if (error() != BodyError::none) return false;
  bytes_ += piece.size();
  while (!piece.empty()) {
    if (!(collecting_ ? collect(piece) : stream(piece))) return false;
  }
  return true;
}

bool MultipartParser::finish() {
  if (error() != BodyError::none) return false;
  // The last boundary may come without a line end.
  const bool ends = collecting_ && state_ == State::data && line_ == "--" + boundary_ + "--";
  if (ends) on_boundary(true);
  if (!ends && !line_.empty() && !emit_line()) return false;
  line_.clear();
  if (state_ == State::after || bytes_ == 0) return true;
  if (state_ == State::data && emit_held()) end_part();
  return fail(boundaries_ == 0 ? BodyError::malformed : BodyError::truncated);
}

/// Adds to the line being kept, and hands it on when it is whole. Which bytes are looked at together depends on the
/// line alone, never on how the body was cut into pieces.
bool MultipartParser::collect(std::string_view& piece) {
  // In data only a line that begins with two hyphens can be a boundary; everything else streams through.
  if (state_ == State::data && line_.size() < 2) {
    if (piece.front() == '-') {
      line_ += '-';
      piece.remove_prefix(1);
      return true;
    }
    collecting_ = false;
    const bool good = emit_line();
    line_.clear();
    return good;
  }
  const std::size_t most = state_ == State::headers ? limits_.part_header_bytes_max : line_bytes_kept;
  const std::size_t line_end = piece.find('\n');
  const std::size_t wanted = line_end == std::string_view::npos ? piece.size() : line_end + 1;
  const std::size_t taken = std::min(wanted, most + 1 - line_.size());
  line_.append(piece.substr(0, taken));
  piece.remove_prefix(taken);
  if (line_.back() != '\n' && line_.size() <= most) return true;
  const bool good = line_.back() == '\n' ? on_line() : on_long_line();
  line_.clear();
  return good;
}

/// Passes on what cannot be a boundary: the rest of a line.
bool MultipartParser::stream(std::string_view& piece) {
  if (held_ == "\r" && piece.front() == '\n') {
    held_ = "\r\n";
    piece.remove_prefix(1);
    return collecting_ = true;
  }
  if (!emit_held()) return false;
  const std::size_t line_end = piece.find('\n');
  collecting_ = line_end != std::string_view::npos;
  std::string_view data = piece.substr(0, line_end);
  piece.remove_prefix(collecting_ ? line_end + 1 : piece.size());
  if (!data.empty() && data.back() == '\r') {
    held_ = "\r";
    data.remove_suffix(1);
  }
  if (collecting_) held_ += '\n';
  return emit(data);
}

/// A whole line, with its end.
bool MultipartParser::on_line() {
  if (state_ == State::after) return flags_.data_after = true;
  const Line kind = kind_of(line_);
  if (state_ == State::headers && kind == Line::ordinary) return header_line(line_);
  if (state_ == State::headers) {
    flags_.invalid_part = true;
    return fail(BodyError::malformed);
  }
  if (kind == Line::broken_boundary) return fail(BodyError::malformed);
  if (kind != Line::ordinary) {
    note_line_end(line_);
    return on_boundary(kind == Line::last_boundary);
  }
  return emit_line();
}

/// The first bytes of a line that is too long to be a boundary or a header.
bool MultipartParser::on_long_line() {
  if (state_ == State::headers) return fail(BodyError::too_large);
  if (state_ != State::after && kind_of(line_) != Line::ordinary) return fail(BodyError::malformed);
  collecting_ = false;
  return emit_line();
}

/// What line_ holds is no boundary: passes it on as data, but for a line end, which is held.
bool MultipartParser::emit_line() {
  if (state_ == State::before) flags_.data_before = true;
  if (state_ == State::after) flags_.data_after = true;
  if (!emit_held()) return false;
  const bool ended = !line_.empty() && line_.back() == '\n';
  std::string_view data = line_;
  if (ended) data.remove_suffix(1);
  if (!data.empty() && data.back() == '\r') {
    held_ = "\r";
    data.remove_suffix(1);
  }
  if (ended) held_ += '\n';
  return emit(data);
}

bool MultipartParser::emit_held() {
  const bool good = emit(held_);
  held_.clear();
  return good;
}

bool MultipartParser::emit(std::string_view data) {
  if (state_ != State::data || data.empty()) return true;
  if (disposition_.has_file_name) {
    file_bytes_ += data.size();
    bytes_in_files_ += data.size();
    sink_.file_bytes(data);
    return true;
  }
  if (value_.size() + data.size() > limits_.value_bytes_max) return fail(BodyError::too_large);
  value_.append(data);
  return true;
}

MultipartParser::Line MultipartParser::kind_of(std::string_view line) {
  if (line.size() <= 3 || !starts_with(line, "--")) return Line::ordinary;
  const std::string_view rest = line.substr(2);
  if (starts_with(rest, boundary_)) {
    std::string_view tail = rest.substr(boundary_.size());
    const bool last = starts_with(tail, "--");
    if (last) tail.remove_prefix(2);
    if (tail != "\r\n" && tail != "\n") return Line::broken_boundary;
    return last ? Line::last_boundary : Line::boundary;
  }
  const bool quoted = flags_.boundary_quoted && rest.front() == '"' && starts_with(rest.substr(1), boundary_);
  const std::size_t text = std::min(rest.find_first_not_of(" \t\v\f\r\n"), rest.size());
  const bool indented = text > 0 && starts_with(rest.substr(text), boundary_);
  if (quoted || indented) return Line::broken_boundary;
  flags_.unmatched_boundary = true;
  return Line::ordinary;
}

void MultipartParser::note_line_end(std::string_view line) noexcept {
  const bool crlf = line.size() > 1 && line[line.size() - 2] == '\r';
  (crlf ? crlf_seen_ : flags_.lf_line) = true;
  flags_.crlf_lf_lines = crlf_seen_ && flags_.lf_line;
}

bool MultipartParser::on_boundary(bool last) {
  ++boundaries_;
  // The line end before a boundary is part of it: RFC 2046 5.1.1.
  if (!held_.empty()) note_line_end(held_);
  held_.clear();
  if (state_ == State::data) end_part();
  state_ = last ? State::after : State::headers;
  collecting_ = true;
  return true;
}

bool MultipartParser::header_line(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return fail(BodyError::malformed);
  note_line_end(line);
  header_bytes_ += line.size();
  std::string_view content = without_line_end(line);
  if (content.empty()) return end_headers();
  if (header_bytes_ > limits_.part_header_bytes_max) return fail(BodyError::too_large);
  if (text::is_blank(content.front())) {
    flags_.header_folding = true;
    flags_.invalid_header_folding |= content.front() != ' ' && content.front() != '\t';
    if (headers_.empty()) return fail(BodyError::malformed);
    while (!content.empty() && text::is_blank(content.front())) content.remove_prefix(1);
    headers_.back().append(" ").append(content);
    return true;
  }
  const std::string_view name = header_name(content);
  const bool again = std::any_of(headers_.begin(), headers_.end(), [name](const std::string& other) {
    return text::equals_ignoring_case(header_name(other), name);
  });
  if (name.empty() || again || headers_.size() == headers_max) return fail(BodyError::malformed);
  headers_.emplace_back(content);
  return true;
}

bool MultipartParser::end_headers() {
  if (!find_disposition()) return fail(BodyError::malformed);
  for (const std::string& line : headers_) sink_.part_header(disposition_.name, line);
  headers_.clear();
  header_bytes_ = 0;
  state_ = State::data;
  if (++parts_ > limits_.parts_max) return fail(BodyError::too_many_arguments);
  if (disposition_.has_file_name) {
    flags_.file_limit_exceeded |= ++files_ > limits_.files_max;
    return true;
  }
  return ++arguments_ <= limits_.arguments_max || fail(BodyError::too_many_arguments);
}

bool MultipartParser::find_disposition() {
  for (const std::string& line : headers_) {
    const std::string_view name = header_name(line);
    if (!text::equals_ignoring_case(name, "Content-Disposition")) continue;
    std::string_view value = std::string_view(line).substr(name.size() + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    return read_disposition(value, disposition_, flags_);
  }
  return false;
}

void MultipartParser::end_part() {
  if (disposition_.has_file_name) {
    sink_.file({disposition_.name, disposition_.file_name, file_bytes_});
  } else {
    sink_.argument(disposition_.name, value_);
  }
  disposition_ = {};
  value_.clear();
  file_bytes_ = 0;
}

}  // namespace gatehouse::filters
