#include "match/pattern_set.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_set>

#include "core/ascii.hpp"
#include "match/database_cache.hpp"
#include "match/shape.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::size_t lost_max = 64;       // an expression that loses more than this spells evasions out
constexpr std::size_t length_max = 15'000;  // Vectorscan refuses expressions of 16,000 bytes
constexpr std::size_t phrase_max = 16;      // of a phrase searched for; a report is confirmed with all of it
// Expressions compiled together: those for words, for others, and those that spell evasions out.
constexpr std::array<std::size_t, 3> together_max{96, 44, 6};

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
  const auto add = [&](std::vector<NumberedPattern>& to, std::optional<std::string> form) {
    if (!form) return;
    to.push_back(form->size() > length_max ? each : NumberedPattern{each.number, {Pattern::Kind::regex, std::move(*form)}});
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
  std::unordered_set<std::string> phrases;
  for (const NumberedPattern& each : patterns) {
    if (each.pattern.kind == Pattern::Kind::regex) {
      add_regex(each, forms);
      continue;
    }
    const NumberedPattern begin{each.number, {Pattern::Kind::phrase, each.pattern.text.substr(0, phrase_max)}};
    const std::string& text = each.pattern.text;
    if (!phrases.insert(std::to_string(each.number) + ' ' + lowered(begin.pattern.text)).second) continue;
    forms.plain.push_back(begin);
    if (std::all_of(text.begin(), text.end(), [](char c) { return is_word(static_cast<unsigned char>(c)); })) {
      forms.word.push_back(begin);
    }
  }
  return forms;
}

/// Even parts with at most so many expressions each; phrases, which are cheap, are all in the first.
std::vector<std::vector<NumberedPattern>> split(std::vector<NumberedPattern> patterns, std::size_t most) {
  const auto is_regex = [](const NumberedPattern& each) { return each.pattern.kind == Pattern::Kind::regex; };
  const auto regexes = static_cast<std::size_t>(std::count_if(patterns.begin(), patterns.end(), is_regex));
  const std::size_t count = std::max<std::size_t>(1, (regexes + most - 1) / most);
  const std::size_t each_has = (regexes + count - 1) / count;
  std::vector<std::vector<NumberedPattern>> parts(count);
  std::size_t at = 0;
  for (NumberedPattern& each : patterns) parts[is_regex(each) ? at++ / each_has : 0].push_back(std::move(each));
  return parts;
}

}  // namespace

Alphabet alphabet_of(std::string_view text) noexcept {
  unsigned found = 0;
  for (const char c : text) found |= wider[static_cast<unsigned char>(c)];
  return (found & 2) != 0 ? Alphabet::any : found != 0 ? Alphabet::text : Alphabet::word;
}

Result<PatternSet, std::string> PatternSet::compiled(const std::vector<NumberedPattern>& patterns) {
  Forms forms = forms_of(patterns);
  PatternSet set;
  std::array<std::vector<std::uint32_t>, 3> refused;
  std::vector<NumberedPattern>* parts[] = {&forms.word, &forms.plain, &forms.spelt};
  for (std::size_t i = 0; i < set.automata_.size(); ++i) {
    for (auto& some : split(std::move(*parts[i]), together_max[i])) {
      auto built = Automaton::build(std::move(some), refused[i]);
      if (!built) return Failure{built.error()};
      if (!built->empty()) set.automata_[i].push_back(std::move(*built));
    }
  }
  const auto put = [](std::vector<std::uint32_t>& to, const std::vector<std::uint32_t>& more) {
    to.insert(to.end(), more.begin(), more.end());
  };
  put(set.unseen_[0], refused[word]);
  for (const std::size_t alphabet : {std::size_t{1}, std::size_t{2}}) put(set.unseen_[alphabet], refused[plain]);
  put(set.unseen_[1], refused[spelt]);
  put(set.unseen_[2], forms.unseen);
  return set;
}

/// Lists of numbers and databases, each after its length.
std::string PatternSet::stored() const {
  std::string bytes;
  const auto put = [&bytes](std::uint64_t number) { bytes.append(reinterpret_cast<const char*>(&number), sizeof number); };
  for (const auto& numbers : unseen_) {
    put(numbers.size());
    for (const std::uint32_t number : numbers) put(number);
  }
  for (const auto& automata : automata_) {
    put(automata.size());
    for (const Automaton& automaton : automata) {
      const std::string database = automaton.stored();
      if (database.empty()) return {};
      put(database.size());
      bytes += database;
    }
  }
  return bytes;
}

bool PatternSet::restore(std::string_view bytes) {
  const auto take = [&bytes](std::uint64_t& number) {
    if (bytes.size() < sizeof number) return false;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return true;
  };
  std::uint64_t size = 0, number = 0, count = 0;
  for (auto& numbers : unseen_) {
    if (!take(size)) return false;
    for (; size > 0; --size) {
      if (!take(number)) return false;
      numbers.push_back(static_cast<std::uint32_t>(number));
    }
  }
  for (auto& automata : automata_) {
    if (!take(count)) return false;
    for (; count > 0; --count) {
      if (!take(size) || size > bytes.size()) return false;
      automata.push_back(Automaton::restored(bytes.substr(0, size)));
      if (automata.back().empty()) return false;
      bytes.remove_prefix(size);
    }
  }
  return true;
}

Result<PatternSet, std::string> PatternSet::build(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder) {
  // Everything the result depends on, so that its hash can name a file. The first line is this code's own version.
  std::string identity = "pattern set 2\n" + Automaton::platform();
  for (const NumberedPattern& each : patterns) {
    identity += '\n' + std::to_string(each.number) + (each.pattern.kind == Pattern::Kind::regex ? " r " : " p ");
    identity += std::to_string(each.pattern.text.size()) + ' ' + each.pattern.text;
  }
  const DatabaseCache cache(cache_folder);
  if (const auto bytes = cache.read(identity)) {
    PatternSet set;
    if (set.restore(*bytes)) return set;
  }
  auto set = compiled(patterns);
  if (!set) return set;
  if (const std::string bytes = set->stored(); !bytes.empty()) cache.write(identity, bytes);
  return set;
}

void PatternSet::fit(AutomatonSpace& space) const {
  for (const auto& automata : automata_) {
    for (const Automaton& each : automata) space.fit(each);
  }
}

void PatternSet::scan(std::string_view text, Alphabet alphabet, AutomatonSpace& space, Automaton::Report report,
                      void* context) const {
  const auto search = [&](const std::vector<Automaton>& automata) {
    for (const Automaton& each : automata) each.scan(text, space, report, context);
  };
  search(automata_[alphabet == Alphabet::word ? word : plain]);
  if (alphabet == Alphabet::text) search(automata_[spelt]);
  for (const std::uint32_t number : unseen_[static_cast<std::size_t>(alphabet)]) report(context, number);
}

std::size_t PatternSet::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& automata : automata_) {
    for (const Automaton& each : automata) bytes += each.bytes();
  }
  return bytes;
}

}  // namespace gatehouse::filters
