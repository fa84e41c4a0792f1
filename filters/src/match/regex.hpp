// Regex: one regular expression with PCRE2's compiler and JIT, under limits. Semantics are those of ModSecurity v2:
// search anywhere, bytes, the dot matches a newline, the dollar only the very end. Used where an automaton cannot
// decide: to confirm what it found and to capture. Immutable and shared; RegexSpace is what one thread needs to match.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/filters/result.hpp"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

namespace gatehouse::filters {

struct RegexError {
  std::string message;
  std::size_t offset{0};
};

/// Up to ten captured texts, number 0 the whole match. They point into the subject.
struct Captures {
  static constexpr std::size_t count_max = 10;
  std::array<std::string_view, count_max> texts;
  std::size_t count{0};
};

/// What a thread needs to match with: buffers, the JIT's stack and the limit of steps.
class RegexSpace {
 public:
  RegexSpace();
  ~RegexSpace();
  RegexSpace(const RegexSpace&) = delete;
  RegexSpace& operator=(const RegexSpace&) = delete;

  void limit_steps(std::uint32_t steps) noexcept;
  /// Whom to ask, now and then during long searches, whether time is up. The JIT's code does not count the steps of
  /// simple repeats, so their number alone would let some expressions take quadratic time.
  using Expired = bool (*)(const void* context);
  void watch(Expired expired, const void* context) noexcept { expired_ = expired, expired_context_ = context; }

 private:
  friend class Regex;
  pcre2_real_match_data_8* data_;
  pcre2_real_match_context_8* context_;
  pcre2_real_jit_stack_8* stack_;
  Expired expired_{nullptr};
  const void* expired_context_{nullptr};
};

enum class Found : std::uint8_t { no, yes, limit };

class Regex {
 public:
  enum class Case : std::uint8_t { matters, ignored };

  static Result<Regex, RegexError> compile(std::string_view pattern, Case letters = Case::matters);
  /// Makes machine code of it, which takes longer than compiling: for those that will be searched for. Once, before that.
  void quicken() const noexcept;
  Regex(Regex&& other) noexcept;
  Regex& operator=(Regex&&) = delete;
  ~Regex();

  /// Searches `subject`. `captures` may be null.
  Found search(std::string_view subject, RegexSpace& space, Captures* captures = nullptr) const noexcept;

 private:
  explicit Regex(pcre2_real_code_8* code) noexcept : code_(code) {}
  int match(std::string_view subject, RegexSpace& space) const noexcept;
  pcre2_real_code_8* code_;
};

}  // namespace gatehouse::filters
