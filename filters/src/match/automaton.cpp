#include "match/automaton.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/ascii.hpp"

namespace gatehouse::filters {

namespace {

// PREFILTER lets Vectorscan approximate what it cannot say exactly, which is all that is needed: a report is confirmed.
// SINGLEMATCH: it is enough to know that a pattern occurs.
constexpr unsigned regex_flags = HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | HS_FLAG_PREFILTER;
constexpr unsigned phrase_flags = HS_FLAG_DOTALL | HS_FLAG_SINGLEMATCH | HS_FLAG_CASELESS;

/// The text as a regular expression that means just these bytes.
std::string escaped(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z')) {
      result += c;
    } else {
      result += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

struct Compiled {
  std::vector<std::string> texts;
  std::vector<const char*> expressions;
  std::vector<unsigned> flags, numbers;
};

Compiled expressions_of(const std::vector<NumberedPattern>& patterns) {
  Compiled all;
  for (const NumberedPattern& each : patterns) {
    const bool regex = each.pattern.kind == Pattern::Kind::regex;
    all.texts.push_back(regex ? each.pattern.text : escaped(each.pattern.text));
    all.flags.push_back(regex ? regex_flags : phrase_flags);
    all.numbers.push_back(each.number);
  }
  for (const std::string& text : all.texts) all.expressions.push_back(text.c_str());
  return all;
}

/// Takes out what the compiler refuses one by one.
void drop_refused(std::vector<NumberedPattern>& patterns, std::vector<std::uint32_t>& refused) {
  std::erase_if(patterns, [&](const NumberedPattern& each) {
    const bool regex = each.pattern.kind == Pattern::Kind::regex;
    const std::string text = regex ? each.pattern.text : escaped(each.pattern.text);
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* error = nullptr;
    const bool taken = !text.empty() && text.find('\0') == std::string::npos &&
                       hs_expression_info(text.c_str(), regex ? regex_flags : phrase_flags, &info, &error) == HS_SUCCESS;
    std::free(info);
    hs_free_compile_error(error);
    if (!taken) refused.push_back(each.number);
    return !taken;
  });
}

/// The database, or null and the reason.
hs_database_t* compiled(const std::vector<NumberedPattern>& patterns, std::string& problem) {
  const Compiled all = expressions_of(patterns);
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(all.expressions.data(), all.flags.data(), all.numbers.data(), static_cast<unsigned>(all.texts.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) == HS_SUCCESS) {
    return database;
  }
  problem = error->message;
  if (error->expression >= 0) problem += ": " + all.texts[static_cast<std::size_t>(error->expression)];
  hs_free_compile_error(error);
  return nullptr;
}

struct Reporting {
  Automaton::Report report;
  void* context;
};

int on_match(unsigned number, unsigned long long, unsigned long long, unsigned, void* context) {
  const auto* to = static_cast<const Reporting*>(context);
  to->report(to->context, number);
  return 0;
}

}  // namespace

AutomatonSpace::~AutomatonSpace() { hs_free_scratch(scratch_); }

void AutomatonSpace::fit(const Automaton& automaton) {
  if (automaton.empty()) return;
  const hs_error_t error = hs_alloc_scratch(automaton.database_, &scratch_);
  GH_ASSERT(error == HS_SUCCESS);
}

Result<Automaton, std::string> Automaton::build(std::vector<NumberedPattern> patterns, std::vector<std::uint32_t>& refused) {
  std::string problem;
  const bool plain = std::none_of(patterns.begin(), patterns.end(), [](const NumberedPattern& each) {
    return each.pattern.text.empty() || each.pattern.text.find('\0') != std::string::npos;
  });
  if (patterns.empty()) return Automaton();
  if (plain) {
    if (hs_database_t* database = compiled(patterns, problem)) return Automaton(database);
  }
  drop_refused(patterns, refused);
  if (patterns.empty()) return Automaton();
  if (hs_database_t* database = compiled(patterns, problem)) return Automaton(database);
  return Failure{std::move(problem)};
}

Automaton Automaton::restored(std::string_view bytes) noexcept {
  hs_database_t* database = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &database) != HS_SUCCESS) return Automaton();
  return Automaton(database);
}

std::string Automaton::stored() const {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (empty() || hs_serialize_database(database_, &bytes, &size) != HS_SUCCESS) return {};
  std::string text(bytes, size);
  std::free(bytes);
  return text;
}

std::string Automaton::platform() {
  hs_platform_info_t platform{};
  hs_populate_platform(&platform);
  return std::string(hs_version()) + '/' + std::to_string(platform.tune) + '/' + std::to_string(platform.cpu_features);
}

Automaton::Automaton(Automaton&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Automaton& Automaton::operator=(Automaton&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}

Automaton::~Automaton() { hs_free_database(database_); }

void Automaton::scan(std::string_view text, AutomatonSpace& space, Report report, void* context) const noexcept {
  if (empty()) return;
  Reporting to{report, context};
  hs_scan(database_, text.empty() ? "" : text.data(), static_cast<unsigned>(text.size()), 0, space.scratch_, on_match, &to);
}

std::size_t Automaton::bytes() const noexcept {
  std::size_t size = 0;
  if (!empty()) hs_database_size(database_, &size);
  return size;
}

}  // namespace gatehouse::filters
