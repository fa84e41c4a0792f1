#include "match/pattern_set.hpp"

#include <algorithm>
#include <array>

#include "core/ascii.hpp"
#include "match/shape.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::size_t lost_max = 64;       // an expression that loses more than this spells evasions out
constexpr std::size_t length_max = 15'000;  // Vectorscan refuses expressions of 16,000 bytes

constexpr bool is_word(unsigned byte) noexcept {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return letter || (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}
constexpr bool is_text(unsigned byte) noexcept {
  constexpr std::string_view special = "$\\`{}|&<>";
  if (byte >= 127 || (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r')) return false;
  return special.find(static_cast<char>(byte)) == std::string_view::npos;
}

constexpr std::array<std::uint8_t, 256> wider = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = static_cast<std::uint8_t>((is_word(byte) ? 0 : 1) | (is_text(byte) ? 0 : 2));
  return table;
}();

template <class Holds>
ByteSet bytes_that(Holds holds) {
  ByteSet set;
  for (unsigned byte = 0; byte < 256; ++byte) set[byte] = holds(byte);
  return set;
}

/// The patterns in the forms that the automata search for.
struct Forms {
  std::vector<NumberedPattern> word, plain, spelt;
  std::vector<std::uint32_t> unseen;  // those that only `spelt` may have
};

void add_regex(const NumberedPattern& each, Forms& forms) {
  static const ByteSet word = bytes_that(is_word), text = bytes_that(is_text), all = ByteSet().set();
  const auto shape = Shape::parse(each.pattern.text);
  const auto add = [&](std::vector<NumberedPattern>& to, const std::optional<std::string>& form) {
    if (!form) return;
    const Pattern pattern{Pattern::Kind::regex, *form};
    const bool fits = form->size() <= length_max && Automaton::takes(pattern);
    to.push_back({each.number, fits ? pattern : each.pattern});
  };
  if (!shape) {
    forms.word.push_back(each), forms.plain.push_back(each);
    return;
  }
  add(forms.word, shape->within(word));
  if (shape->lost_within(text) > lost_max) {
    add(forms.spelt, shape->within(text));
    forms.unseen.push_back(each.number);
  } else {
    add(forms.plain, shape->within(all));
  }
}

Forms forms_of(const std::vector<NumberedPattern>& patterns) {
  Forms forms;
  for (const NumberedPattern& each : patterns) {
    if (each.pattern.kind == Pattern::Kind::regex) {
      add_regex(each, forms);
      continue;
    }
    forms.plain.push_back(each);
    const std::string& text = each.pattern.text;
    if (std::all_of(text.begin(), text.end(), [](char c) { return is_word(static_cast<unsigned char>(c)); })) {
      forms.word.push_back(each);
    }
  }
  return forms;
}

}  // namespace

Alphabet alphabet_of(std::string_view text) noexcept {
  unsigned found = 0;
  for (const char c : text) found |= wider[static_cast<unsigned char>(c)];
  return (found & 2) != 0 ? Alphabet::any : found != 0 ? Alphabet::text : Alphabet::word;
}

Result<PatternSet, std::string> PatternSet::build(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder) {
  Forms forms = forms_of(patterns);
  PatternSet set;
  set.unseen_ = std::move(forms.unseen);
  const std::pair<const std::vector<NumberedPattern>*, std::optional<Automaton>*> parts[] = {
      {&forms.word, &set.word_}, {&forms.plain, &set.plain_}, {&forms.spelt, &set.spelt_}};
  for (const auto& [form, automaton] : parts) {
    if (form->empty()) continue;
    auto built = Automaton::build(*form, cache_folder);
    if (!built) return Failure{built.error()};
    automaton->emplace(std::move(*built));
  }
  return set;
}

void PatternSet::fit(AutomatonSpace& space) const {
  for (const auto* each : {&word_, &plain_, &spelt_}) {
    if (*each) space.fit(**each);
  }
}

void PatternSet::scan(std::string_view text, Alphabet alphabet, AutomatonSpace& space, Automaton::Report report,
                      void* context) const {
  if (alphabet == Alphabet::word) {
    if (word_) word_->scan(text, space, report, context);
    return;
  }
  if (plain_) plain_->scan(text, space, report, context);
  if (alphabet == Alphabet::text) {
    if (spelt_) spelt_->scan(text, space, report, context);
    return;
  }
  for (const std::uint32_t number : unseen_) report(context, number);
}

std::size_t PatternSet::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto* each : {&word_, &plain_, &spelt_}) bytes += *each ? (*each)->bytes() : 0;
  return bytes;
}

}  // namespace gatehouse::filters
