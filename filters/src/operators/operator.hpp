// Operator: the test that a link puts a value to. One instance for each use in the rules, made from its argument when
// they are loaded; immutable and shared. What an operator must know of the request it asks its MatchContext.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/address.hpp"
#include "gatehouse/filters/result.hpp"
#include "match/regex.hpp"
#include "rules/template.hpp"

namespace gatehouse::filters {

/// What evaluation offers an operator, and where the operator leaves what it found.
class MatchContext {
 public:
  virtual ~MatchContext() = default;
  /// The text of an argument with its references filled in.
  virtual std::string_view expand(const Template& text) = 0;
  /// A copy of `text` that lives as long as the transaction.
  virtual std::string_view keep(std::string_view text) = 0;
  virtual RegexSpace& regex_space() noexcept = 0;
  /// A regular expression hit its limit of steps: not decided, and the transaction will say so.
  virtual void limit_reached() noexcept = 0;
  /// Looks the address up and fills the geo field; false when nothing is known of it.
  virtual bool locate(const Address& address) = 0;
  /// Whether a DNS block list names the value.
  virtual bool listed(std::string_view list, std::string_view value) = 0;

  bool wants_captures{false};
  Captures captures;
};

/// A text that an automaton searches for; where none of an operator's patterns occurs, the operator cannot match.
struct Pattern {
  enum class Kind : std::uint8_t { regex, phrase } kind{Kind::regex};  // phrases ignore ASCII letter case
  std::string text;
};

class Operator {
 public:
  virtual ~Operator() = default;
  virtual bool matches(std::string_view value, MatchContext& context) const = 0;
  /// Whether the result depends on the value alone, so that values can be tested ahead of the rules.
  virtual bool depends_on_value_only() const noexcept { return true; }
  /// The patterns without which it cannot match. Empty: every value must be tested.
  virtual std::vector<Pattern> patterns() const { return {}; }
  /// Makes what only an operator of a rule that can run needs; most rules of a set are of higher levels. Once, before matches().
  virtual void prepare() const {}
  /// Its argument, when that may hold references that compile() must give slots.
  virtual Template* argument() noexcept { return nullptr; }
  const Template* argument() const noexcept { return const_cast<Operator*>(this)->argument(); }
};

/// How operators read the files they name; the loader resolves the name against the rule file's folder.
class FileSource {
 public:
  virtual ~FileSource() = default;
  /// The text of the file, or nothing when it cannot be read.
  virtual std::optional<std::string> read(std::string_view name) = 0;
};

struct OperatorProblem {
  std::string message;
  std::string hint;
  std::size_t offset{0};  // into the argument
};
using MadeOperator = Result<std::shared_ptr<Operator>, OperatorProblem>;

/// What an operator is made from.
struct OperatorSource {
  std::string text;   // the argument as written
  Template argument;  // the same with its references
  FileSource* files{nullptr};
};

struct OperatorKind {
  std::string_view name;  // as the reference manual writes it
  MadeOperator (*make)(const OperatorSource& source);
};

/// The kind of that name in any letter case, or null.
const OperatorKind* find_operator(std::string_view name) noexcept;
/// All names, for suggestions.
std::vector<std::string_view> operator_names();

}  // namespace gatehouse::filters
