#include "match/shape_parser.hpp"

#include <algorithm>
#include <array>

#include "core/ascii.hpp"
#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

ByteSet range(unsigned first, unsigned last) {
  ByteSet set;
  for (unsigned i = first; i <= last; ++i) set.set(i);
  return set;
}
ByteSet digits() { return range('0', '9'); }
ByteSet letters() { return range('a', 'z') | range('A', 'Z'); }
ByteSet blanks() { return range(9, 13) | range(' ', ' '); }

}  // namespace

std::optional<Shape> ShapeParser::parse() {
  shape_.root_ = choice();
  if (!ok_ || at_ != text_.size()) return std::nullopt;
  return std::move(shape_);
}

ShapeParser::At ShapeParser::add(Node node) {
  shape_.nodes_.push_back(std::move(node));
  return static_cast<At>(shape_.nodes_.size() - 1);
}

ShapeParser::At ShapeParser::bytes(ByteSet set) {
  if (ignore_case_) {
    for (unsigned c = 'a'; c <= 'z'; ++c) {
      const bool either = set[c] || set[c - 32];
      set[c] = set[c - 32] = either;
    }
  }
  Node node;
  node.kind = Kind::bytes;
  node.bytes = set;
  return add(std::move(node));
}

ShapeParser::At ShapeParser::assertion(std::string_view text) {
  Node node;
  node.kind = Kind::assertion;
  node.text = text;
  return add(std::move(node));
}

ShapeParser::At ShapeParser::choice() {
  if (++depth_ > depth_max) return fail();
  const bool ignore_case = ignore_case_, multi_line = multi_line_, dot_all = dot_all_;
  Node node;
  node.kind = Kind::choice;
  do {
    const At part = sequence();
    if (!ok_) return 0;
    node.parts.push_back(part);
  } while (take('|'));
  // Flags set inside a group end with it.
  ignore_case_ = ignore_case, multi_line_ = multi_line, dot_all_ = dot_all;
  --depth_;
  return node.parts.size() == 1 ? node.parts[0] : add(std::move(node));
}

ShapeParser::At ShapeParser::sequence() {
  Node node;
  node.kind = Kind::sequence;
  while (more() && peek() != '|' && peek() != ')') {
    const At part = repeated(atom());
    if (!ok_) return 0;
    node.parts.push_back(part);
  }
  return add(std::move(node));
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> ShapeParser::quantifier() {
  if (take('*')) return std::pair(0u, Shape::unbounded);
  if (take('+')) return std::pair(1u, Shape::unbounded);
  if (take('?')) return std::pair(0u, 1u);
  if (!more() || peek() != '{') return std::nullopt;
  const std::size_t close = text_.find('}', at_);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
  // A brace that holds anything else is itself.
  if (inside.empty() || !is_digit(inside[0]) || inside.find_first_not_of("0123456789,") != std::string_view::npos) return std::nullopt;
  at_ = close + 1;
  const std::size_t comma = inside.find(',');
  if (comma != inside.rfind(',')) return std::nullopt;
  const auto least = static_cast<std::uint32_t>(leading_integer(inside));
  if (comma == std::string_view::npos) return std::pair(least, least);
  if (comma + 1 == inside.size()) return std::pair(least, Shape::unbounded);
  return std::pair(least, static_cast<std::uint32_t>(leading_integer(inside.substr(comma + 1))));
}

ShapeParser::At ShapeParser::repeated(At atom) {
  while (ok_) {
    const auto count = quantifier();
    if (!count) return atom;
    // Lazy and possessive repeats match no more than plain ones.
    if (!take('?')) take('+');
    Node node;
    node.kind = Kind::repeat;
    node.least = count->first, node.most = count->second;
    node.parts.push_back(atom);
    atom = add(std::move(node));
  }
  return 0;
}

ShapeParser::At ShapeParser::atom() {
  if (take('(')) return group();
  if (take('[')) return byte_class();
  if (take('\\')) return escape();
  if (take('^')) return assertion(multi_line_ ? "(?m:^)" : "^");
  if (take('$')) return assertion(multi_line_ ? "(?m:$)" : "\\z");
  const char c = text_[at_++];
  if (c == '.') return bytes(dot_all_ ? ByteSet().set() : ~range('\n', '\n'));
  if (c == '*' || c == '+' || c == '?') return fail();
  return bytes(range(static_cast<unsigned char>(c), static_cast<unsigned char>(c)));
}

bool ShapeParser::flags() {
  bool on = true;
  for (; more() && peek() != ')' && peek() != ':'; ++at_) {
    switch (peek()) {
      case '-': on = false; break;
      case 'i': ignore_case_ = on; break;
      case 'm': multi_line_ = on; break;
      case 's': dot_all_ = on; break;
      default: return false;
    }
  }
  return more();
}

ShapeParser::At ShapeParser::group() {
  const bool ignore_case = ignore_case_, multi_line = multi_line_, dot_all = dot_all_;
  bool look_around = false;
  if (take("?:") || take("?>")) {
  } else if (take("?=") || take("?!") || take("?<=") || take("?<!")) {
    look_around = true;
  } else if (take("?P<") || take("?<")) {
    at_ = text_.find('>', at_);
    if (at_++ == std::string_view::npos) return at_ = text_.size(), fail();
  } else if (take('?')) {
    if (!flags()) return fail();
    if (take(')')) return add(Node());  // the flags hold up to the end of the group around
    ++at_;
  } else if (more() && peek() == '*') {
    return fail();
  }
  const At inner = choice();
  if (!take(')')) return fail();
  ignore_case_ = ignore_case, multi_line_ = multi_line, dot_all_ = dot_all;
  return look_around ? add(Node()) : inner;
}

ByteSet ShapeParser::shorthand(char letter, bool& known) const {
  known = true;
  switch (letter) {
    case 'd': return digits();
    case 'D': return ~digits();
    case 'w': return letters() | digits() | range('_', '_');
    case 'W': return ~(letters() | digits() | range('_', '_'));
    case 's': return blanks();
    case 'S': return ~blanks();
    case 'h': return range(' ', ' ') | range('\t', '\t') | range(0xa0, 0xa0);
    case 'v': return range(10, 13) | range(0x85, 0x85);
    case 'R': return range(10, 13) | range(0x85, 0x85);
    case 'N': return ~range('\n', '\n');
    default: return known = false, ByteSet();
  }
}

std::optional<unsigned> ShapeParser::escaped_byte(char letter) {
  static constexpr std::array<std::pair<char, unsigned>, 6> controls{
      {{'n', 10}, {'r', 13}, {'t', 9}, {'f', 12}, {'a', 7}, {'e', 27}}};
  for (const auto& [name, byte] : controls) {
    if (name == letter) return byte;
  }
  if (letter == 'x') {
    const bool braced = take('{');
    unsigned byte = 0;
    for (int i = 0; (i < 2 || braced) && byte < 256 && more() && text::hex_value(peek()) >= 0; ++i) {
      byte = byte * 16 + static_cast<unsigned>(text::hex_value(text_[at_++]));
    }
    if (braced && !take('}')) return std::nullopt;
    return byte < 256 ? std::optional(byte) : std::nullopt;
  }
  if (letter == '0') {
    unsigned byte = 0;
    for (int i = 0; i < 2 && more() && peek() >= '0' && peek() <= '7'; ++i) byte = byte * 8 + static_cast<unsigned>(text_[at_++] - '0');
    return byte;
  }
  const bool plain = !is_digit(letter) && !(lower(letter) >= 'a' && lower(letter) <= 'z');
  return plain ? std::optional<unsigned>(static_cast<unsigned char>(letter)) : std::nullopt;
}

ShapeParser::At ShapeParser::escape() {
  if (!more()) return fail();
  const char letter = text_[at_++];
  if (letter == 'b' || letter == 'B' || letter == 'A' || letter == 'z' || letter == 'Z') {
    // \Z may stand before a newline at the end.
    return letter == 'Z' ? add(Node()) : assertion(text_.substr(at_ - 2, 2));
  }
  bool known = false;
  const ByteSet set = shorthand(letter, known);
  if (known && letter != 'R') return bytes(set);
  if (is_digit(letter) && letter != '0') {
    // A back reference can be any text.
    Node node;
    node.kind = Kind::repeat;
    node.most = Shape::unbounded;
    node.parts.push_back(bytes(ByteSet().set()));
    return add(std::move(node));
  }
  const auto byte = escaped_byte(letter);
  return byte ? bytes(range(*byte, *byte)) : fail();
}

bool ShapeParser::posix_class(ByteSet& set) {
  static constexpr std::array<std::string_view, 6> names{"alpha:]", "digit:]", "alnum:]", "space:]", "upper:]", "lower:]"};
  const std::array<ByteSet, 6> sets{letters(), digits(), letters() | digits(), blanks(), range('A', 'Z'), range('a', 'z')};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (take(names[i])) return set |= sets[i], true;
  }
  return false;
}

/// One member of a class; `single` is its byte, or -1 when it stands for several.
bool ShapeParser::class_item(ByteSet& set, int& single) {
  single = -1;
  if (take("[:")) return posix_class(set);
  const char c = text_[at_++];
  if (c != '\\') {
    single = static_cast<unsigned char>(c);
    return true;
  }
  if (!more()) return false;
  const char letter = text_[at_++];
  bool known = false;
  const ByteSet several = shorthand(letter, known);
  if (known) return set |= several, true;
  if (letter == 'b') return single = 8, true;
  const auto byte = escaped_byte(letter);
  if (!byte) return false;
  single = static_cast<int>(*byte);
  return true;
}

ShapeParser::At ShapeParser::byte_class() {
  const bool negated = take('^');
  ByteSet set;
  bool first = true;
  while (more() && (first || peek() != ']')) {
    first = false;
    int from = -1, to = -1;
    if (!class_item(set, from)) return fail();
    if (from < 0) continue;
    to = from;
    if (at_ + 1 < text_.size() && peek() == '-' && text_[at_ + 1] != ']') {
      ++at_;
      if (!class_item(set, to)) return fail();
      // `a-\d` is an a, a dash and digits.
      if (to < 0) set.set('-'), to = from;
    }
    if (to < from) return fail();
    set |= range(static_cast<unsigned>(from), static_cast<unsigned>(to));
  }
  if (!take(']')) return fail();
  if (!negated) return bytes(set);
  // Case is ignored before the class is turned around.
  if (ignore_case_) {
    for (unsigned c = 'a'; c <= 'z'; ++c) set[c] = set[c - 32] = set[c] || set[c - 32];
  }
  return bytes(~set);
}

}  // namespace gatehouse::filters
