#include "seclang/lexer.hpp"

#include "core/ascii.hpp"

namespace gatehouse::filters::seclang {

Text Text::part(std::size_t from, std::size_t size) const {
  Text result;
  result.start_ = at(from);
  for (std::size_t i = from; i < from + size && i < text_.size(); ++i) result.add(text_[i], places_[i]);
  return result;
}

namespace {

/// Walks over physical lines and hands out joined ones.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// False at the end of the text. Comments and empty lines are left out.
  bool next(Text& joined) {
    joined = {};
    bool more = false;
    while (!rest_.empty()) {
      std::string_view line = take_line();
      const std::string_view body = line.substr(line.size() - trimmed_left(line).size());
      // A comment ends no joined line: the lines around it belong together only if it was not inside one.
      if (!more && (trimmed(body).empty() || body.front() == '#')) continue;
      more = !line.empty() && line.back() == '\\';
      if (more) line.remove_suffix(1);
      append(joined, line);
      if (!more) break;
    }
    return !joined.empty() || !rest_.empty();
  }

 private:
  static std::string_view trimmed_left(std::string_view line) noexcept {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    return line;
  }
  std::string_view take_line() {
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++line_;
    return line;
  }
  void append(Text& joined, std::string_view line) const {
    const std::size_t indent = line.size() - trimmed_left(line).size();
    for (std::size_t i = indent; i < line.size(); ++i) joined.add(line[i], {line_, static_cast<std::uint32_t>(i + 1)});
  }

  std::string_view rest_;
  std::uint32_t line_{0};
};

/// Splits a joined line at blanks, outside quotes.
class Words {
 public:
  Words(const Text& line, const std::string& file, Problems& problems) : line_(line), file_(file), problems_(problems) {}

  bool next(Text& word) {
    word = {};
    while (at_ < text().size() && is_blank(text()[at_])) ++at_;
    if (at_ == text().size()) return false;
    word.set_start(line_.at(at_));
    const char quote = text()[at_];
    if (quote == '"' || quote == '\'') {
      quoted(quote, word);
    } else {
      while (at_ < text().size() && !is_blank(text()[at_])) take(word);
    }
    return true;
  }

 private:
  std::string_view text() const noexcept { return line_.view(); }
  void take(Text& word) {
    word.add(text()[at_], line_.at(at_));
    ++at_;
  }
  void quoted(char quote, Text& word) {
    const std::size_t start = at_++;
    while (at_ < text().size() && text()[at_] != quote) {
      // Only the quote itself can be escaped; every other backslash belongs to the text.
      if (text()[at_] == '\\' && at_ + 1 < text().size() && text()[at_ + 1] == quote) ++at_;
      take(word);
    }
    if (at_ == text().size()) {
      const Position place = line_.at(start);
      problems_.push_back({{file_, place.line, place.column}, "a quote is opened here and never closed", ""});
      return;
    }
    ++at_;
  }

  const Text& line_;
  const std::string& file_;
  Problems& problems_;
  std::size_t at_{0};
};

}  // namespace

std::vector<Directive> lex(std::string_view text, const std::string& file, Problems& problems) {
  std::vector<Directive> directives;
  Lines lines(text);
  for (Text line; lines.next(line);) {
    Words words(line, file, problems);
    Directive directive;
    if (!words.next(directive.name)) continue;
    for (Text word; words.next(word);) directive.arguments.push_back(std::move(word));
    directives.push_back(std::move(directive));
  }
  return directives;
}

}  // namespace gatehouse::filters::seclang
