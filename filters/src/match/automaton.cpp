#include "match/automaton.hpp"

#include <hs/hs.h>

#include <utility>

#include "core/ascii.hpp"
#include "match/database_cache.hpp"

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

/// Everything the database depends on, so that its hash can name a file.
std::string identity_of(const Compiled& all) {
  std::string identity = hs_version();
  hs_platform_info_t platform{};
  hs_populate_platform(&platform);
  identity += '/' + std::to_string(platform.tune) + '/' + std::to_string(platform.cpu_features);
  for (std::size_t i = 0; i < all.texts.size(); ++i) {
    identity += '\n' + std::to_string(all.numbers[i]) + ' ' + std::to_string(all.flags[i]) + ' ';
    identity += std::to_string(all.texts[i].size()) + ' ' + all.texts[i];
  }
  return identity;
}

hs_database_t* load(const DatabaseCache& cache, const std::string& identity) {
  const auto bytes = cache.read(identity);
  hs_database_t* database = nullptr;
  if (!bytes || hs_deserialize_database(bytes->data(), bytes->size(), &database) != HS_SUCCESS) return nullptr;
  return database;
}

void store(const DatabaseCache& cache, const std::string& identity, const hs_database_t* database) {
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  cache.write(identity, {bytes, size});
  std::free(bytes);
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
  const hs_error_t error = hs_alloc_scratch(automaton.database_, &scratch_);
  GH_ASSERT(error == HS_SUCCESS);
}

bool Automaton::takes(const Pattern& pattern) {
  if (pattern.text.empty() || pattern.text.find('\0') != std::string::npos) return false;
  if (pattern.kind == Pattern::Kind::phrase) return true;
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  const bool taken = hs_expression_info(pattern.text.c_str(), regex_flags, &info, &error) == HS_SUCCESS;
  std::free(info);
  hs_free_compile_error(error);
  return taken;
}

Result<Automaton, std::string> Automaton::build(const std::vector<NumberedPattern>& patterns,
                                                const std::string& cache_folder) {
  const Compiled all = expressions_of(patterns);
  const DatabaseCache cache(cache_folder);
  const std::string identity = identity_of(all);
  if (hs_database_t* database = load(cache, identity); database != nullptr) return Automaton(database);

  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(all.expressions.data(), all.flags.data(), all.numbers.data(), static_cast<unsigned>(all.texts.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    std::string message = error->message;
    if (error->expression >= 0) message += ": " + all.texts[static_cast<std::size_t>(error->expression)];
    hs_free_compile_error(error);
    return Failure{std::move(message)};
  }
  store(cache, identity, database);
  return Automaton(database);
}

Automaton::Automaton(Automaton&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Automaton& Automaton::operator=(Automaton&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}

Automaton::~Automaton() { hs_free_database(database_); }

void Automaton::scan(std::string_view text, AutomatonSpace& space, Report report, void* context) const noexcept {
  Reporting to{report, context};
  hs_scan(database_, text.empty() ? "" : text.data(), static_cast<unsigned>(text.size()), 0, space.scratch_, on_match, &to);
}

std::size_t Automaton::bytes() const noexcept {
  std::size_t size = 0;
  hs_database_size(database_, &size);
  return size;
}

}  // namespace gatehouse::filters
