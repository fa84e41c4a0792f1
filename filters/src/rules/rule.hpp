// Rule: one rule of any rule language, as front ends make it and the program runs it. A rule is a chain of links that
// must all match; a link looks at targets through transformations with an operator, and has effects of its own. What the
// rule does with the request stands in its action. Plain data; immutable once compiled.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "gatehouse/filters/audit.hpp"
#include "gatehouse/filters/problem.hpp"
#include "match/regex.hpp"
#include "rules/fields.hpp"
#include "rules/template.hpp"
#include "transforms/transforms.hpp"

namespace gatehouse::filters {

class Operator;

enum class Phase : std::uint8_t { request_head, request_body, response_head, response_body, logging };
inline constexpr unsigned phase_count = 5;

enum class Select : std::uint8_t { all, key, pattern };

/// Which members of which fields.
struct Target {
  FieldSet fields{0};
  std::string name;  // how it is called in logs, such as ARGS
  Select select{Select::all};
  std::string key;  // lower-case; the text of the expression for Select::pattern
  std::shared_ptr<const Regex> pattern;
  bool count{false};  // the number of members instead of the members
  std::int32_t slot{no_slot};  // of a tx variable chosen by key; set by compile()
  std::vector<std::int32_t> slots;  // of the tx variables that it selects otherwise; set by compile()
};

// What a link does when it matches, besides letting the rule go on.

enum class Change : std::uint8_t { set, add, subtract, remove };

/// Changes a variable of tx or of a persistent collection.
struct SetVariable {
  Field collection{Field::tx};
  Template key;
  Change change{Change::set};
  Template value;
  std::int32_t slot{no_slot};  // of a tx variable with a constant key; set by compile()
};
struct ExpireVariable {
  Field collection{Field::ip};
  Template key;
  Template seconds;
};
struct OpenCollection {
  Field collection{Field::ip};
  Template key;
};
struct SetEnvironment {
  std::string name;
  Template value;
  bool remove{false};
};

enum class EngineMode : std::uint8_t { off, detect, on };

struct SwitchEngine {
  EngineMode mode{EngineMode::on};
};
enum class AuditMode : std::uint8_t { off, on, relevant_only };

struct SwitchAudit {
  AuditMode mode{AuditMode::on};
};
struct AuditPartsChange {
  char change{'='};  // = + -
  AuditParts parts;
};
/// Takes rules, or one target of them, out for the rest of the transaction. `rules` is made by compile().
struct RemoveRules {
  enum class By : std::uint8_t { id, tag, message } by{By::id};
  std::uint32_t first{0}, last{0};  // by id
  std::string text;                 // by tag or message
  bool only_target{false};
  Target target;
  std::vector<std::uint64_t> rules;  // bit set over the program's rules
};
enum class BodyFormat : std::uint8_t { none, urlencoded, multipart, json, xml };
struct ChooseBodyFormat {
  BodyFormat format{BodyFormat::none};
};
struct SwitchBody {
  enum class What : std::uint8_t { request_access, response_access, force_request_variable, force_response_variable };
  What what{What::request_access};
  bool on{true};
};
struct LimitBody {
  bool response{false};
  std::uint64_t bytes{0};
};

using Effect = std::variant<SetVariable, ExpireVariable, OpenCollection, SetEnvironment, SwitchEngine, SwitchAudit, AuditPartsChange,
                            RemoveRules, ChooseBodyFormat, SwitchBody, LimitBody>;

struct Link {
  std::vector<Target> targets;     // empty: matches always
  std::vector<Target> exclusions;  // members that none of the targets selects
  std::vector<Transform> transforms;
  std::shared_ptr<const Operator> op;  // null: matches always
  std::string condition;               // the operator as written, for people
  bool negated{false};
  bool capture{false};
  bool multi_match{false};
  std::vector<Effect> effects;
  Place place;
  std::uint32_t number{0};  // dense over the program; set by compile()
};

enum class ActionKind : std::uint8_t { pass, block, deny, drop, redirect, allow, allow_phase, allow_request };

struct Action {
  ActionKind kind{ActionKind::pass};
  std::uint16_t status{403};
  Template location;  // of a redirect
};

struct Rule {
  std::uint32_t id{0};  // 0: none
  Phase phase{Phase::request_body};
  Place place;
  std::vector<Link> links;
  Action action;
  std::string marker;  // not empty: no rule at all but a place to skip to
  std::string skip_after;
  std::uint32_t skip{0};
  bool log{true};
  bool audit{true};
  int severity{-1};  // 0 emergency ... 7 debug; -1 none
  Template message;
  Template data;
  std::vector<std::string> tags;
  std::string version;
  std::string revision;
  // Set by compile().
  std::uint32_t resume{0};  // where skip and skip_after go on
};

}  // namespace gatehouse::filters
