// @pm and @pmFromFile: any of many phrases, ASCII letter case ignored. Stores the phrase found in group 0.
#include <algorithm>

#include "core/ascii.hpp"
#include "match/phrases.hpp"
#include "operators/makers.hpp"
#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

class Pm final : public Operator {
 public:
  explicit Pm(std::vector<std::string> phrases) : texts_(std::move(phrases)), phrases_(texts_) {}

  bool matches(std::string_view value, MatchContext& context) const override {
    const std::string_view found = phrases_.find(value);
    if (found.data() == nullptr) return false;
    if (context.wants_captures) context.captures.texts[0] = found, context.captures.count = 1;
    return true;
  }
  std::vector<Pattern> patterns() const override {
    std::vector<Pattern> patterns;
    for (const std::string& text : texts_) patterns.push_back({Pattern::Kind::phrase, text});
    return patterns;
  }

 private:
  std::vector<std::string> texts_;
  Phrases phrases_;
};

/// Appends the bytes between two bars, `41 42`; false when they are no hex numbers.
bool append_hex(std::string_view part, std::string& out) {
  int high = -1;
  for (const char c : part) {
    if (is_blank(c)) continue;
    const int digit = text::hex_value(c);
    if (digit < 0) return false;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return high < 0;
}

/// The phrases of @pm: split at blanks, with |41 42| standing for bytes.
Result<std::vector<std::string>, OperatorProblem> words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t bar = text[i] == '|' ? text.find('|', i + 1) : std::string_view::npos;
    if (bar != std::string_view::npos) {
      if (!append_hex(text.substr(i + 1, bar - i - 1), word)) {
        return Failure{OperatorProblem{"text between bars must be bytes in hex, such as |0d 0a|", "", i}};
      }
      i = bar;
    } else if (is_blank(text[i])) {
      if (!word.empty()) found.push_back(std::exchange(word, {}));
    } else {
      word += text[i];
    }
  }
  if (!word.empty()) found.push_back(word);
  return found;
}

MadeOperator made(std::vector<std::string> phrases) {
  std::sort(phrases.begin(), phrases.end());
  phrases.erase(std::unique(phrases.begin(), phrases.end()), phrases.end());
  if (phrases.empty()) return Failure{OperatorProblem{"there is no phrase to search for", ""}};
  return std::shared_ptr<Operator>(std::make_shared<Pm>(std::move(phrases)));
}

/// One phrase a line; blanks at its ends, empty lines and lines that start with # do not count.
void add_lines(std::string_view text, std::vector<std::string>& phrases) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && line.front() != '#') phrases.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

MadeOperator make_pm(const OperatorSource& source) {
  auto phrases = words(source.text);
  if (!phrases) return Failure{phrases.error()};
  return made(std::move(*phrases));
}

MadeOperator make_pm_from_file(const OperatorSource& source) {
  std::vector<std::string> phrases;
  std::string_view names = trimmed(source.text);
  while (!names.empty()) {
    const std::size_t end = names.find(' ');
    const std::string_view name = names.substr(0, end);
    const auto text = source.files == nullptr ? std::nullopt : source.files->read(name);
    if (!text) return Failure{OperatorProblem{"cannot read the file '" + std::string(name) + "'", ""}};
    add_lines(*text, phrases);
    names = end == std::string_view::npos ? std::string_view() : trimmed(names.substr(end));
  }
  return made(std::move(phrases));
}

}  // namespace gatehouse::filters
