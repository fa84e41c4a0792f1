#define PCRE2_CODE_UNIT_WIDTH 8
#include "match/regex.hpp"

#include <pcre2.h>

#include <algorithm>

namespace gatehouse::filters {

namespace {

constexpr std::size_t jit_stack_start = 32 * 1024;
constexpr std::size_t jit_stack_max = 512 * 1024;
constexpr std::uint32_t steps_default = 250'000;
constexpr std::size_t searched_at_once = 4096;  // longer subjects are searched by parts of the places a match can start
// A part's work is at most about this many steps when each start runs to the subject's end.
constexpr std::size_t steps_of_part = 2 * 1024 * 1024;
constexpr std::size_t starts_min = 16;
constexpr std::size_t starts_max = 512;

}  // namespace

RegexSpace::RegexSpace()
    : data_(pcre2_match_data_create(Captures::count_max, nullptr)),
      context_(pcre2_match_context_create(nullptr)),
      stack_(pcre2_jit_stack_create(jit_stack_start, jit_stack_max, nullptr)) {
  GH_ASSERT(data_ != nullptr && context_ != nullptr && stack_ != nullptr);
  pcre2_jit_stack_assign(context_, nullptr, stack_);
  limit_steps(steps_default);
}

RegexSpace::~RegexSpace() {
  pcre2_match_data_free(data_);
  pcre2_match_context_free(context_);
  pcre2_jit_stack_free(stack_);
}

void RegexSpace::limit_steps(std::uint32_t steps) noexcept {
  pcre2_set_match_limit(context_, steps);
  pcre2_set_depth_limit(context_, steps);
}

Result<Regex, RegexError> Regex::compile(std::string_view pattern, Case letters) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_USE_OFFSET_LIMIT | (letters == Case::ignored ? PCRE2_CASELESS : 0);
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &offset,
                                   nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(error, message, sizeof message);
    return Failure{RegexError{reinterpret_cast<const char*>(message), offset}};
  }
  return Regex(code);
}

void Regex::quicken() const noexcept {
  // A pattern that the JIT refuses (too large) still runs in the interpreter, under the same limits.
  pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
}

Regex::Regex(Regex&& other) noexcept : code_(std::exchange(other.code_, nullptr)) {}

Regex::~Regex() { pcre2_code_free(code_); }

int Regex::match(std::string_view subject, RegexSpace& space) const noexcept {
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.empty() ? "" : subject.data());
  if (subject.size() <= searched_at_once) return pcre2_match(code_, text, subject.size(), 0, 0, space.data_, space.context_);
  int groups = PCRE2_ERROR_NOMATCH;
  const std::size_t starts_of_part = std::clamp(steps_of_part / subject.size(), starts_min, starts_max);
  for (std::size_t start = 0; groups == PCRE2_ERROR_NOMATCH && start <= subject.size(); start += starts_of_part) {
    if (space.expired_ != nullptr && space.expired_(space.expired_context_)) {
      groups = PCRE2_ERROR_MATCHLIMIT;
      break;
    }
    pcre2_set_offset_limit(space.context_, start + starts_of_part - 1);
    groups = pcre2_match(code_, text, subject.size(), start, 0, space.data_, space.context_);
  }
  pcre2_set_offset_limit(space.context_, PCRE2_UNSET);
  return groups;
}

Found Regex::search(std::string_view subject, RegexSpace& space, Captures* captures) const noexcept {
  const int groups = match(subject, space);
  if (groups == PCRE2_ERROR_NOMATCH) return Found::no;
  // 0 means more groups than there is room for; anything negative else is a limit or an exhausted stack.
  if (groups < 0) return Found::limit;
  if (captures == nullptr) return Found::yes;
  const std::size_t count = groups == 0 ? Captures::count_max : static_cast<std::size_t>(groups);
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(space.data_);
  captures->count = std::min(count, Captures::count_max);
  for (std::size_t i = 0; i < captures->count; ++i) {
    const bool unset = offsets[2 * i] == PCRE2_UNSET;
    captures->texts[i] = unset ? std::string_view() : subject.substr(offsets[2 * i], offsets[2 * i + 1] - offsets[2 * i]);
  }
  return Found::yes;
}

}  // namespace gatehouse::filters
