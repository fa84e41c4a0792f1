#include "match/shape.hpp"

#include <algorithm>

#include "match/shape_parser.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::uint32_t repeats_kept = 16;  // longer counted repeats are only bounded from below: they cost states

bool is_plain(unsigned byte) noexcept {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

void print_byte(unsigned byte, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  if (is_plain(byte)) {
    out += static_cast<char>(byte);
  } else {
    out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
}

}  // namespace

std::optional<Shape> Shape::parse(std::string_view expression) {
  auto shape = ShapeParser(expression).parse();
  if (shape) shape->ignore_case_ = shape->ignores_case();
  return shape;
}

bool Shape::ignores_case() const noexcept {
  for (const Node& node : nodes_) {
    if (node.kind != Kind::bytes) continue;
    for (unsigned c = 'a'; c <= 'z'; ++c) {
      if (node.bytes[c] != node.bytes[c - 32]) return false;
    }
  }
  return true;
}

bool Shape::print_set(const ByteSet& given, Print how, std::string& out) const {
  ByteSet set = given & how.bytes;
  if (set.none()) return false;
  // A set that holds all bytes that occur is any byte, which is shorter to say.
  if (set == how.bytes) return out += '.', true;
  for (unsigned c = 'A'; ignore_case_ && c <= 'Z'; ++c) set.reset(c);
  const bool several = set.count() != 1;
  if (several) out += '[';
  for (unsigned i = 0; i < 256; ++i) {
    if (!set[i]) continue;
    unsigned last = i;
    while (last + 1 < 256 && set[last + 1]) ++last;
    print_byte(i, out);
    if (last > i + 1) out += '-';
    if (last > i) print_byte(last, out);
    i = last;
  }
  if (several) out += ']';
  return true;
}

bool Shape::print_choice(const Node& node, Print how, std::string& out) const {
  const std::size_t start = out.size();
  out += "(?:";
  bool alive = false;
  for (const std::uint32_t part : node.parts) {
    const std::size_t before = out.size();
    if (alive) out += '|';
    if (print(part, how, out)) {
      alive = true;
    } else {
      out.resize(before);
    }
  }
  out += ')';
  if (!alive) out.resize(start);
  return alive;
}

bool Shape::print_repeat(const Node& node, Print how, std::string& out) const {
  if (how.last && node.least == 0) return true;
  if (how.last && node.least == 1) return print(node.parts[0], how, out);
  const std::size_t start = out.size();
  out += "(?:";
  if (!print(node.parts[0], how.inner(), out)) {
    out.resize(start);
    return node.least == 0;  // it is simply absent
  }
  out += ')';
  const bool open = node.most == unbounded || node.most > repeats_kept;
  const std::uint32_t least = std::min(node.least, repeats_kept);
  if (how.last) {
    out += '{' + std::to_string(least) + '}';
  } else if (open && least <= 1) {
    out += least == 0 ? '*' : '+';
  } else if (least == 0 && node.most == 1) {
    out += '?';
  } else {
    out += '{' + std::to_string(least) + ',' + (open ? "" : std::to_string(node.most)) + '}';
  }
  return true;
}

bool Shape::print_sequence(const Node& node, Print how, std::string& out) const {
  const std::size_t start = out.size();
  std::size_t count = node.parts.size();
  // At the end of the expression whatever may be absent decides nothing, and a word boundary little.
  while (how.last && count > 0) {
    const Node& part = nodes_[node.parts[count - 1]];
    const bool boundary = part.kind == Kind::assertion && (part.text == "\\b" || part.text == "\\B");
    if (!boundary && part.kind != Kind::nothing && !(part.kind == Kind::repeat && part.least == 0)) break;
    --count;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (print(node.parts[i], {how.bytes, how.last && i + 1 == count}, out)) continue;
    out.resize(start);
    return false;
  }
  return true;
}

/// False when texts of these bytes hold no match of the node; `out` is then as it was.
bool Shape::print(std::uint32_t at, Print how, std::string& out) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Kind::nothing: return true;
    case Kind::bytes: return print_set(node.bytes, how, out);
    case Kind::assertion: return out += node.text, true;
    case Kind::choice: return print_choice(node, how, out);
    case Kind::repeat: return print_repeat(node, how, out);
    case Kind::sequence: return print_sequence(node, how, out);
  }
  return true;
}

std::size_t Shape::lost_within(const ByteSet& bytes) const noexcept {
  return static_cast<std::size_t>(std::count_if(nodes_.begin(), nodes_.end(), [&](const Node& node) {
    return node.kind == Kind::bytes && (node.bytes & bytes).none();
  }));
}

std::optional<std::string> Shape::within(const ByteSet& bytes) const {
  std::string out = ignore_case_ ? "(?i)" : "";
  if (!print(root_, {bytes, true}, out)) return std::nullopt;
  return out;
}

}  // namespace gatehouse::filters
