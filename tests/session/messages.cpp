#include "tests/session/messages.hpp"

#include <algorithm>
#include <cstdint>

namespace gatehouse::session {
namespace {

constexpr std::string_view crlf = "\r\n";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

bool is_token(std::string_view text) {
  return !text.empty() && text.find_first_not_of("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

/// Reads messages off the front of what is left; `problem` says why it cannot.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  std::string problem;

  /// The lines up to an empty one. False: they are not all there.
  bool head(Message& message) {
    const std::size_t end = left_.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    std::string_view lines = left_.substr(0, end + 2);
    left_.remove_prefix(end + 4);
    message.line = std::string(lines.substr(0, lines.find(crlf)));
    lines.remove_prefix(message.line.size() + 2);
    message.head_whole = fields(lines, message.fields);
    return message.head_whole;
  }

  /// Content of `n` bytes; false when it is cut.
  bool counted(Message& message, std::uint64_t n) {
    const std::size_t take = std::min<std::uint64_t>(n, left_.size());
    message.body += left_.substr(0, take);
    left_.remove_prefix(take);
    return take == n;
  }

  bool chunked(Message& message) {
    for (;;) {
      const std::size_t end = left_.find(crlf);
      if (end == std::string_view::npos) return false;
      std::uint64_t size = 0;
      for (const char c : left_.substr(0, end)) {
        const std::size_t digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos) return fail("chunk size " + std::string(left_.substr(0, end)));
        size = size * 16 + digit;
      }
      if (end == 0) return fail("an empty chunk size");
      left_.remove_prefix(end + 2);
      if (size == 0) return trailers(message);
      if (!counted(message, size) || left_.size() < 2) return false;
      if (left_.substr(0, 2) != crlf) return fail("no CRLF behind a chunk");
      left_.remove_prefix(2);
    }
  }

  void rest(Message& message) {
    message.body += left_;
    left_ = {};
  }

  bool fail(std::string why) {
    problem = std::move(why);
    return false;
  }

 private:
  bool trailers(Message& message) {
    std::size_t end = left_.find(crlf);
    if (end == 0) {
      left_.remove_prefix(2);
      return true;
    }
    end = left_.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const bool good = fields(left_.substr(0, end + 2), message.trailers);
    left_.remove_prefix(end + 4);
    return good;
  }

  bool fields(std::string_view lines, std::vector<std::pair<std::string, std::string>>& out) {
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find(crlf));
      lines.remove_prefix(line.size() + 2);
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return fail("field line " + std::string(line));
      if (line.find_first_of("\r\n") != std::string_view::npos) return fail("a bare CR or LF");
      std::string_view value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      out.emplace_back(lower(line.substr(0, colon)), std::string(value));
    }
    return true;
  }

  std::string_view left_;
};

/// Content by its framing; `bodiless` when there is none whatever the fields say.
void body(Reader& reader, Message& message, bool bodiless, bool response) {
  const std::string encoding = message.field("transfer-encoding");
  const std::string length = message.field("content-length");
  const auto times = [&](std::string_view name) {
    return std::count_if(message.fields.begin(), message.fields.end(), [&](const auto& field) { return field.first == name; });
  };
  if (times("content-length") + times("transfer-encoding") > 1) {
    reader.fail("more than one framing field");
  } else if (bodiless) {
    message.whole = true;
  } else if (!encoding.empty()) {
    message.whole = encoding == "chunked" ? reader.chunked(message) : reader.fail("transfer-encoding " + encoding);
  } else if (!length.empty()) {
    if (length.find_first_not_of("0123456789") != std::string::npos) reader.fail("content-length " + length);
    else message.whole = reader.counted(message, std::stoull(length));
  } else if (response) {
    message.until_close = true;
    reader.rest(message);
  } else {
    message.whole = true;
  }
}

}  // namespace

int Message::status() const { return line.size() > 12 && line.starts_with("HTTP/1.1 ") ? std::stoi(line.substr(9, 3)) : 0; }

std::string Message::target() const {
  const std::size_t begin = line.find(' ') + 1;
  return line.substr(begin, line.find(' ', begin) - begin);
}

std::string Message::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? std::string() : found->second;
}

std::size_t Messages::whole() const {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Message& message) {
    return message.whole && (message.status() == 0 || message.status() >= 200);
  }));
}

Messages read_requests(std::string_view bytes) {
  Messages out;
  Reader reader(bytes);
  while (!reader.empty() && reader.problem.empty()) {
    Message& message = out.all.emplace_back();
    if (!reader.head(message)) break;
    if (!message.line.ends_with(" HTTP/1.1") || std::count(message.line.begin(), message.line.end(), ' ') != 2) {
      reader.fail("request line " + message.line);
      break;
    }
    body(reader, message, false, false);
    if (!message.whole) break;
  }
  out.malformed = reader.problem;
  return out;
}

Messages read_responses(std::string_view bytes, const std::vector<std::string>& methods) {
  Messages out;
  Reader reader(bytes);
  std::size_t finals = 0;
  while (!reader.empty() && reader.problem.empty()) {
    Message& message = out.all.emplace_back();
    if (!reader.head(message)) break;
    const int status = message.status();
    if (status < 100) {
      reader.fail("status line " + message.line);
      break;
    }
    const bool interim = status < 200;
    const bool head_only = !interim && finals < methods.size() && methods[finals] == "HEAD";
    body(reader, message, interim || head_only || status == 204 || status == 304, true);
    if (!interim) ++finals;
    if (!message.whole) break;
  }
  out.malformed = reader.problem;
  return out;
}

}  // namespace gatehouse::session
