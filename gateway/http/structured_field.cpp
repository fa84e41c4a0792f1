#include "gateway/http/structured_field.hpp"

#include <algorithm>

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

// Every take_...() removes what it reads from the front of `rest` and returns false when the text is not of that form; how
// far `rest` has moved then means nothing. The section numbers are those of RFC 9651.

constexpr bool is_lower_alpha(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) noexcept { return is_lower_alpha(lower(c)); }
constexpr bool is_digit(char c) noexcept { return is_char(c, char_digit); }

bool take(std::string_view& rest, char c) noexcept {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

void skip_spaces(std::string_view& rest) noexcept {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
}

void skip_blanks(std::string_view& rest) noexcept {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

/// 4.2.3.3: keys are lower case.
bool take_key(std::string_view& rest, std::string_view& key) noexcept {
  if (rest.empty() || (!is_lower_alpha(rest.front()) && rest.front() != '*')) return false;
  std::size_t size = 1;
  while (size < rest.size()) {
    const char c = rest[size];
    if (!is_lower_alpha(c) && !is_digit(c) && std::string_view("_-.*").find(c) == std::string_view::npos) break;
    ++size;
  }
  key = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

/// Up to `most` digits; at least one. More digits are left in `rest`, where nothing can follow a number.
bool take_digits(std::string_view& rest, std::size_t most, std::int64_t& value, std::size_t& count) noexcept {
  value = 0;
  for (count = 0; count < most && !rest.empty() && is_digit(rest.front()); ++count) {
    value = value * 10 + (rest.front() - '0');
    rest.remove_prefix(1);
  }
  return count != 0;
}

/// 4.2.4: an integer of at most 15 digits, or a decimal of at most 12 and 3.
bool take_number(std::string_view& rest, SfItem& item) noexcept {
  const bool negative = take(rest, '-');
  std::size_t digits = 0;
  if (!take_digits(rest, 15, item.number, digits) || (!rest.empty() && is_digit(rest.front()))) return false;
  item.type = SfType::integer;
  if (take(rest, '.')) {
    item.type = SfType::decimal;
    std::int64_t fraction = 0;
    std::size_t places = 0;
    if (digits > 12 || !take_digits(rest, 3, fraction, places) || (!rest.empty() && is_digit(rest.front()))) return false;
    for (; places < 3; ++places) fraction *= 10;
    item.number = item.number * 1000 + fraction;
  }
  if (negative) item.number = -item.number;
  return true;
}

/// 4.2.5: visible ASCII and spaces; only `"` and `\` are escaped.
bool take_string(std::string_view& rest, SfItem& item) noexcept {
  item.type = SfType::string;
  rest.remove_prefix(1);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '"') {
      item.text = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return true;
    }
    if (c < 0x20 || c > 0x7e) return false;
    if (c == '\\' && (++i == rest.size() || (rest[i] != '"' && rest[i] != '\\'))) return false;
  }
  return false;
}

/// 4.2.6
bool take_token(std::string_view& rest, SfItem& item) noexcept {
  item.type = SfType::token;
  std::size_t size = 1;
  while (size < rest.size() && (is_char(rest[size], char_token) || rest[size] == ':' || rest[size] == '/')) ++size;
  item.text = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

constexpr int base64_value(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/// 4.2.7. Missing padding is allowed, as the RFC advises.
bool take_bytes(std::string_view& rest, SfItem& item) noexcept {
  item.type = SfType::bytes;
  rest.remove_prefix(1);
  const std::size_t end = rest.find(':');
  if (end == std::string_view::npos) return false;
  item.text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  const std::size_t digits = std::min(item.text.find('='), item.text.size());
  const std::string_view padding = item.text.substr(digits);
  if (digits % 4 == 1 || padding.size() > 2 || padding.find_first_not_of('=') != std::string_view::npos) return false;
  if (!padding.empty() && item.text.size() % 4 != 0) return false;
  for (std::size_t i = 0; i < digits; ++i) {
    if (base64_value(item.text[i]) < 0) return false;
  }
  return true;
}

/// Checks UTF-8 a byte at a time (RFC 3629 4): no overlong forms, no surrogates, nothing above U+10FFFF.
class Utf8Check {
 public:
  bool feed(unsigned byte) noexcept {
    if (left_ != 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80, high_ = 0xbf, --left_;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    left_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    return true;
  }
  bool complete() const noexcept { return left_ == 0; }

 private:
  int left_{0};
  unsigned low_{0x80};
  unsigned high_{0xbf};
};

/// The value of a lower-case hexadecimal digit, the only ones that display strings may have; -1 otherwise.
constexpr int lower_hex_value(char c) noexcept { return c >= 'A' && c <= 'F' ? -1 : hex_value(c); }

/// 4.2.10: percent-encoded UTF-8.
bool take_display_string(std::string_view& rest, SfItem& item) noexcept {
  item.type = SfType::display_string;
  rest.remove_prefix(1);
  if (!take(rest, '"')) return false;
  Utf8Check utf8;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    unsigned byte = static_cast<unsigned char>(rest[i]);
    if (byte == '"') {
      item.text = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return utf8.complete();
    }
    if (byte < 0x20 || byte > 0x7e) return false;
    if (byte == '%') {
      if (rest.size() - i < 3) return false;
      const int high = lower_hex_value(rest[i + 1]), low = lower_hex_value(rest[i + 2]);
      if (high < 0 || low < 0) return false;
      byte = static_cast<unsigned>(high * 16 + low);
      i += 2;
    }
    if (!utf8.feed(byte)) return false;
  }
  return false;
}

/// 4.2.8
bool take_boolean(std::string_view& rest, SfItem& item) noexcept {
  item.type = SfType::boolean;
  rest.remove_prefix(1);
  item.number = rest.starts_with('1') ? 1 : 0;
  return take(rest, '1') || take(rest, '0');
}

/// 4.2.9
bool take_date(std::string_view& rest, SfItem& item) noexcept {
  rest.remove_prefix(1);
  if (!take_number(rest, item) || item.type != SfType::integer) return false;
  item.type = SfType::date;
  return true;
}

/// 4.2.3.1
bool take_bare_item(std::string_view& rest, SfItem& item) noexcept {
  if (rest.empty()) return false;
  item = SfItem{};
  const char c = rest.front();
  switch (c) {
    case '"': return take_string(rest, item);
    case ':': return take_bytes(rest, item);
    case '?': return take_boolean(rest, item);
    case '@': return take_date(rest, item);
    case '%': return take_display_string(rest, item);
    default: break;
  }
  if (c == '-' || is_digit(c)) return take_number(rest, item);
  return (c == '*' || is_alpha(c)) && take_token(rest, item);
}

/// One `;key` or `;key=value`; `rest` begins with the semicolon.
bool take_parameter(std::string_view& rest, std::string_view& key, SfItem& value) noexcept {
  rest.remove_prefix(1);
  skip_spaces(rest);
  if (!take_key(rest, key)) return false;
  value = SfItem{};
  value.number = 1;  // 4.2.3.2: without a value it is true
  return !take(rest, '=') || take_bare_item(rest, value);
}

/// 4.2.3.2
bool take_parameters(std::string_view& rest, std::string_view& parameters) noexcept {
  const std::string_view start = rest;
  std::string_view key;
  for (SfItem value; rest.starts_with(';');) {
    if (!take_parameter(rest, key, value)) return false;
  }
  parameters = start.substr(0, start.size() - rest.size());
  return true;
}

/// 4.2.3
bool take_item(std::string_view& rest, SfItem& item) noexcept {
  return take_bare_item(rest, item) && take_parameters(rest, item.parameters);
}

/// 4.2.1.2
bool take_inner_list(std::string_view& rest, SfItem& list) noexcept {
  rest.remove_prefix(1);
  const std::string_view start = rest;
  for (SfItem item;;) {
    skip_spaces(rest);
    if (rest.starts_with(')')) break;
    if (!take_item(rest, item) || (!rest.starts_with(' ') && !rest.starts_with(')'))) return false;
  }
  list = SfItem{};
  list.type = SfType::inner_list;
  list.text = start.substr(0, start.size() - rest.size());
  rest.remove_prefix(1);
  return take_parameters(rest, list.parameters);
}

/// 4.2.1.1
bool take_item_or_inner_list(std::string_view& rest, SfItem& item) noexcept {
  return rest.starts_with('(') ? take_inner_list(rest, item) : take_item(rest, item);
}

/// What stands between two members. False when it is neither the end nor a comma with a member behind it.
bool take_separator(std::string_view& rest) noexcept {
  skip_blanks(rest);
  if (rest.empty()) return true;
  if (!take(rest, ',')) return false;
  skip_blanks(rest);
  return !rest.empty();
}

}  // namespace

bool parse_sf_item(std::string_view text, SfItem& item) noexcept {
  skip_spaces(text);
  if (!take_item(text, item)) return false;
  skip_spaces(text);
  return text.empty();
}

bool SfParameters::next() noexcept {
  return rest_.starts_with(';') && take_parameter(rest_, key_, value_);
}

bool SfInnerItems::next() noexcept {
  skip_spaces(rest_);
  return !rest_.empty() && take_item(rest_, item_);
}

SfList::SfList(std::string_view text) noexcept : rest_(text) { skip_spaces(rest_); }

bool SfList::next() noexcept {
  if (broken_ || rest_.empty()) return false;
  broken_ = !take_item_or_inner_list(rest_, item_) || !take_separator(rest_);
  return !broken_;
}

SfDictionary::SfDictionary(std::string_view text) noexcept : rest_(text) { skip_spaces(rest_); }

bool SfDictionary::next() noexcept {
  if (broken_ || rest_.empty()) return false;
  broken_ = !take_key(rest_, key_);
  if (broken_) return false;
  if (take(rest_, '=')) {
    broken_ = !take_item_or_inner_list(rest_, item_);
  } else {
    item_ = SfItem{};
    item_.number = 1;  // 4.2.2: a key alone is true
    broken_ = !take_parameters(rest_, item_.parameters);
  }
  broken_ = broken_ || !take_separator(rest_);
  return !broken_;
}

bool valid_sf_list(std::string_view text) noexcept {
  SfList members(text);
  while (members.next()) {}
  return !members.broken();
}

bool valid_sf_dictionary(std::string_view text) noexcept {
  SfDictionary members(text);
  while (members.next()) {}
  return !members.broken();
}

std::size_t unescape_sf_string(const SfItem& item, std::span<char> out) noexcept {
  std::size_t size = 0;
  const std::string_view text = item.text;
  for (std::size_t i = 0; i < text.size() && size < out.size(); ++i) {
    if (item.type == SfType::string && text[i] == '\\') ++i;
    char c = text[i];
    if (item.type == SfType::display_string && c == '%') {
      c = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    }
    out[size++] = c;
  }
  return size;
}

std::size_t decode_sf_bytes(const SfItem& item, std::span<char> out) noexcept {
  std::size_t size = 0;
  unsigned bits = 0;
  int held = 0;
  for (const char c : item.text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(base64_value(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    if (size == out.size()) break;
    out[size++] = static_cast<char>(bits >> held & 0xff);
  }
  return size;
}

std::size_t write_sf_string(std::string_view text, std::span<char> out) noexcept {
  if (out.size() < 2 * text.size() + 2) return 0;
  std::size_t size = 0;
  out[size++] = '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out[size++] = '\\';
    out[size++] = c < 0x20 || c > 0x7e ? '?' : c;
  }
  out[size++] = '"';
  return size;
}

}  // namespace gatehouse::http
