#include "match/pattern_set.hpp"

#include <cstring>

namespace gatehouse::filters {

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
  switch (alphabet) {
    case Alphabet::word: search(automata_[word]); break;
    case Alphabet::prose: search(automata_[prose]); break;
    case Alphabet::text: search(automata_[spelt]); [[fallthrough]];
    case Alphabet::any: search(automata_[plain]); break;
  }
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
