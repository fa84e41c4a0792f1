#include "match/phrases.hpp"

#include <algorithm>

#include "core/ascii.hpp"

namespace gatehouse::filters {

Phrases::Phrases(const std::vector<std::string>& phrases) {
  for (const std::string& phrase : phrases) {
    for (const char c : phrase) {
      std::uint8_t& one = class_of_[static_cast<unsigned char>(lower(c))];
      if (one == 0) one = static_cast<std::uint8_t>(classes_++);
    }
  }
  // 26 letters share their class with the other case, so 255 is never passed.
  for (char c = 'A'; c <= 'Z'; ++c) class_of_[static_cast<unsigned char>(c)] = class_of_[static_cast<unsigned char>(lower(c))];
  next_.assign(classes_, 0);
  lengths_.assign(1, 0);
  for (const std::string& phrase : phrases) insert(phrase);
  connect();
}

void Phrases::insert(std::string_view phrase) {
  if (phrase.empty()) return;
  std::uint32_t state = 0;
  for (const char c : phrase) {
    const std::size_t edge = std::size_t{state} * classes_ + class_of_[static_cast<unsigned char>(c)];
    if (next_[edge] == 0) {
      next_[edge] = static_cast<std::uint32_t>(lengths_.size());
      lengths_.push_back(0);
      next_.resize(next_.size() + classes_, 0);
    }
    state = next_[edge];
  }
  lengths_[state] = std::max(lengths_[state], static_cast<std::uint32_t>(phrase.size()));
}

void Phrases::connect() {
  // Breadth first, so that the state for the longest proper suffix is complete when it is asked. Missing edges are
  // filled with that state's, which makes the search one look-up a byte.
  std::vector<std::uint32_t> suffix(lengths_.size(), 0), queue;
  for (std::uint32_t c = 0; c < classes_; ++c) {
    if (next_[c] != 0) queue.push_back(next_[c]);
  }
  for (std::size_t at = 0; at < queue.size(); ++at) {
    const std::uint32_t state = queue[at];
    for (std::uint32_t c = 0; c < classes_; ++c) {
      std::uint32_t& edge = next_[std::size_t{state} * classes_ + c];
      const std::uint32_t fallback = next_[std::size_t{suffix[state]} * classes_ + c];
      if (edge == 0) {
        edge = fallback;
      } else {
        suffix[edge] = fallback;
        if (lengths_[edge] == 0) lengths_[edge] = lengths_[fallback];
        queue.push_back(edge);
      }
    }
  }
}

std::string_view Phrases::find(std::string_view text) const noexcept {
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    state = next_[std::size_t{state} * classes_ + class_of_[static_cast<unsigned char>(text[i])]];
    if (lengths_[state] != 0) return text.substr(i + 1 - lengths_[state], lengths_[state]);
  }
  return {};
}

}  // namespace gatehouse::filters
