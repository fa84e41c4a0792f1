// What is wrong with a configuration (or will surprise its owner): all of it at once, each with its place in the file,
// the field's path, what is wrong and what to do about it. Filled by load(), check_files() and later front ends;
// rendered as text the way a good compiler does, or as JSON for scripts. Plain values, no thread, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity{Severity::error};
  std::string file;
  int line{0};          // 1-based; 0: not tied to a line
  int column{0};        // 1-based, in bytes
  std::string field;    // listeners[1].rules[0].conditions[0]; empty: the whole file
  std::string message;  // what is wrong
  std::string hint;     // what to do; may be empty
  std::string source;   // the line as it stands in the file; may be empty
};

class Problems {
 public:
  /// More than these are only counted: a broken file must not flood a terminal or the memory.
  static constexpr std::size_t kept_max = 200;

  void add(Problem problem);
  void append(const Problems& others);

  /// Orders by place in the file, so that a reader walks through it once.
  void sort_by_place();
  /// Gives every problem of `file` the line of `text` it talks about.
  void attach_sources(std::string_view file, std::string_view text);

  /// From here on problems are only counted: nobody has to think up a hint any more.
  bool full() const noexcept { return kept_.size() >= kept_max; }
  bool empty() const noexcept { return kept_.empty(); }
  std::size_t size() const noexcept { return kept_.size(); }
  std::size_t errors() const noexcept { return errors_; }      // all, kept or not
  std::size_t warnings() const noexcept { return warnings_; }  // all, kept or not
  const Problem& operator[](std::size_t index) const { return kept_[index]; }
  auto begin() const noexcept { return kept_.begin(); }
  auto end() const noexcept { return kept_.end(); }

 private:
  std::vector<Problem> kept_;
  std::size_t errors_{0};
  std::size_t warnings_{0};
};

/// `file:line:column: error: field: message`, the source line with a caret, the hint; ends with a newline.
std::string to_text(const Problems& problems);

/// {"errors": n, "warnings": n, "problems": [{severity, file, line, column, field, message, hint}]}
std::string to_json(const Problems& problems);

}  // namespace gatehouse::config
