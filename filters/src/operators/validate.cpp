// @validateByteRange @validateUrlEncoding @validateUtf8Encoding: they match values that are not as they should be.
#include <bitset>
#include <charconv>

#include "core/ascii.hpp"
#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

class ValidateByteRange final : public Operator {
 public:
  explicit ValidateByteRange(const std::bitset<256>& allowed) {
    for (std::size_t i = 0; i < 256; ++i) outside_[i] = !allowed[i];
  }
  bool matches(std::string_view value, MatchContext&) const override {
    bool found = false;
    for (const char c : value) found |= outside_[static_cast<unsigned char>(c)];
    return found;
  }

 private:
  std::array<bool, 256> outside_{};
};

std::optional<unsigned> byte_number(std::string_view text) noexcept {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number < 256 ? std::optional(number) : std::nullopt;
}

bool is_hex(char c) noexcept { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

class ValidateUrlEncoding final : public Operator {
 public:
  bool matches(std::string_view value, MatchContext&) const override {
    for (std::size_t at = value.find('%'); at != std::string_view::npos; at = value.find('%', at + 3)) {
      if (at + 2 >= value.size() || !is_hex(value[at + 1]) || !is_hex(value[at + 2])) return true;
    }
    return false;
  }
};

/// The length of the well-formed sequence at the start of `text` (RFC 3629 4: no overlong forms, no surrogates, nothing
/// above 10FFFF), or 0.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !follows(1)) return 0;
  if (first < 0xe0) return 2;
  if (!follows(2)) return 0;
  if (first < 0xf0) return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
  if (!follows(3) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return 4;
}

class ValidateUtf8Encoding final : public Operator {
 public:
  bool matches(std::string_view value, MatchContext&) const override {
    while (!value.empty()) {
      const std::size_t size = utf8_sequence(value);
      if (size == 0) return true;
      value.remove_prefix(size);
    }
    return false;
  }
};

}  // namespace

MadeOperator make_validate_byte_range(const OperatorSource& source) {
  std::bitset<256> allowed;
  std::string_view list = source.text;
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view item = trimmed(list.substr(0, comma));
    const std::size_t dash = item.find('-');
    const auto first = byte_number(trimmed(item.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : byte_number(trimmed(item.substr(dash + 1)));
    if (!first || !last || *first > *last) {
      const auto offset = static_cast<std::size_t>(item.data() - source.text.data());
      return Failure{OperatorProblem{"not a byte or a range of bytes: '" + std::string(item) + "'", "such as 10,32-126",
                                     offset}};
    }
    for (unsigned i = *first; i <= *last; ++i) allowed.set(i);
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return std::shared_ptr<Operator>(std::make_shared<ValidateByteRange>(allowed));
}

MadeOperator make_validate_url_encoding(const OperatorSource&) {
  return std::shared_ptr<Operator>(std::make_shared<ValidateUrlEncoding>());
}

MadeOperator make_validate_utf8_encoding(const OperatorSource&) {
  return std::shared_ptr<Operator>(std::make_shared<ValidateUtf8Encoding>());
}

}  // namespace gatehouse::filters
