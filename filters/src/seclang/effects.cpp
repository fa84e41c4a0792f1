#include "seclang/effects.hpp"

#include <array>
#include <charconv>

#include "core/ascii.hpp"
#include "core/suggest.hpp"

namespace gatehouse::filters::seclang {

namespace {

/// The collection a dotted name starts with: tx or one that outlives requests.
std::optional<Field> collection_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Field>, 6> rows{{{"tx", Field::tx},
                                                                         {"ip", Field::ip},
                                                                         {"global", Field::global},
                                                                         {"session", Field::session},
                                                                         {"user", Field::user},
                                                                         {"resource", Field::resource}}};
  for (const auto& [word, field] : rows) {
    if (same_letters(word, name)) return field;
  }
  return std::nullopt;
}

struct DottedName {
  Field collection{Field::tx};
  Template key;
};

std::optional<DottedName> dotted_name(const Text& text, const Report& report) {
  const std::size_t dot = text.view().find('.');
  const auto collection = dot == std::string_view::npos ? std::nullopt : collection_of(text.view().substr(0, dot));
  if (!collection || dot + 1 == text.view().size()) {
    report.error(text.at(0), "'" + text.string() + "' is no variable that can be set",
                 "such as tx.name; tx, ip, global, session, user and resource can be set");
    return std::nullopt;
  }
  return DottedName{*collection, parse_template(text.part(dot + 1, text.view().size()), report)};
}

std::optional<bool> on_or_off(std::string_view text) noexcept {
  if (same_letters(text, "on")) return true;
  if (same_letters(text, "off")) return false;
  return std::nullopt;
}

/// One ctl option: its value as text, and where to complain.
struct Option {
  std::string_view name;
  const Text& value;
  const Report& report;

  std::optional<Effect> wrong(std::string message) const {
    report.error(value.at(0), std::string(name) + " " + std::move(message));
    return std::nullopt;
  }
};

std::optional<Effect> switch_engine(const Option& o) {
  if (same_letters(o.value.view(), "on")) return SwitchEngine{EngineMode::on};
  if (same_letters(o.value.view(), "off")) return SwitchEngine{EngineMode::off};
  if (same_letters(o.value.view(), "detectiononly")) return SwitchEngine{EngineMode::detect};
  return o.wrong("takes On, Off or DetectionOnly");
}

std::optional<Effect> switch_audit(const Option& o) {
  if (same_letters(o.value.view(), "on")) return SwitchAudit{AuditMode::on};
  if (same_letters(o.value.view(), "off")) return SwitchAudit{AuditMode::off};
  if (same_letters(o.value.view(), "relevantonly")) return SwitchAudit{AuditMode::relevant_only};
  return o.wrong("takes On, Off or RelevantOnly");
}

std::optional<Effect> audit_parts(const Option& o) {
  std::string_view parts = o.value.view();
  const bool signed_change = !parts.empty() && (parts.front() == '+' || parts.front() == '-');
  const char change = signed_change ? parts.front() : '=';
  if (signed_change) parts.remove_prefix(1);
  if (parts.empty() || parts.find_first_not_of("ABCDEFGHIJKZ") != std::string_view::npos) {
    return o.wrong("takes letters from A to K and Z, with + or - to change the list");
  }
  return AuditPartsChange{change, AuditParts(parts)};
}

template <SwitchBody::What What>
std::optional<Effect> switch_body(const Option& o) {
  const auto on = on_or_off(o.value.view());
  if (!on) return o.wrong("takes On or Off");
  return SwitchBody{What, *on};
}

template <bool Response>
std::optional<Effect> limit_body(const Option& o) {
  const auto bytes = number_of<std::uint64_t>(o.value.view());
  if (!bytes) return o.wrong("takes a number of bytes");
  return LimitBody{Response, *bytes};
}

std::optional<Effect> body_processor(const Option& o) {
  static constexpr std::array<std::pair<std::string_view, BodyFormat>, 4> rows{{{"URLENCODED", BodyFormat::urlencoded},
                                                                              {"MULTIPART", BodyFormat::multipart},
                                                                              {"JSON", BodyFormat::json},
                                                                              {"XML", BodyFormat::xml}}};
  for (const auto& [word, format] : rows) {
    if (same_letters(word, o.value.view())) return ChooseBodyFormat{format};
  }
  return o.wrong("takes URLENCODED, MULTIPART, JSON or XML");
}

/// `what;TARGET` of the ruleRemoveTargetBy... options: takes the target off.
std::optional<Target> split_target(const Option& o, std::string_view& what) {
  const std::size_t semicolon = o.value.view().find(';');
  if (semicolon == std::string_view::npos) {
    o.wrong("takes what to look for, a semicolon and a target, such as 942100;ARGS:name");
    return std::nullopt;
  }
  what = trimmed(o.value.view().substr(0, semicolon));
  Targets targets = parse_targets(o.value.part(semicolon + 1, o.value.view().size()), o.report);
  if (targets.selected.size() != 1 || !targets.excluded.empty()) {
    if (!targets.selected.empty()) o.wrong("takes one target");
    return std::nullopt;
  }
  return std::move(targets.selected.front());
}

template <RemoveRules::By By, bool OnlyTarget>
std::optional<Effect> remove_rules(const Option& o) {
  RemoveRules effect;
  effect.by = By;
  effect.only_target = OnlyTarget;
  std::string_view what = o.value.view();
  if (OnlyTarget) {
    auto target = split_target(o, what);
    if (!target) return std::nullopt;
    effect.target = std::move(*target);
  }
  if (By != RemoveRules::By::id) {
    if (auto pattern = Regex::compile(what); !pattern) return o.wrong("takes a regular expression: " + pattern.error().message);
    effect.text = what;
    return effect;
  }
  const std::size_t dash = what.find('-');
  const auto first = number_of<std::uint32_t>(trimmed(what.substr(0, dash)));
  const auto last = dash == std::string_view::npos ? first : number_of<std::uint32_t>(trimmed(what.substr(dash + 1)));
  if (!first || !last || *first > *last) return o.wrong("takes an id or a range of ids, such as 942100-942199");
  effect.first = *first, effect.last = *last;
  return effect;
}

struct OptionRow {
  std::string_view name;
  std::optional<Effect> (*read)(const Option&);
};

constexpr auto option_rows = std::to_array<OptionRow>({
    {"auditEngine", switch_audit},
    {"auditLogParts", audit_parts},
    {"forceRequestBodyVariable", switch_body<SwitchBody::What::force_request_variable>},
    {"forceResponseBodyVariable", switch_body<SwitchBody::What::force_response_variable>},
    {"requestBodyAccess", switch_body<SwitchBody::What::request_access>},
    {"requestBodyLimit", limit_body<false>},
    {"requestBodyProcessor", body_processor},
    {"responseBodyAccess", switch_body<SwitchBody::What::response_access>},
    {"responseBodyLimit", limit_body<true>},
    {"ruleEngine", switch_engine},
    {"ruleRemoveById", remove_rules<RemoveRules::By::id, false>},
    {"ruleRemoveByMsg", remove_rules<RemoveRules::By::message, false>},
    {"ruleRemoveByTag", remove_rules<RemoveRules::By::tag, false>},
    {"ruleRemoveTargetById", remove_rules<RemoveRules::By::id, true>},
    {"ruleRemoveTargetByMsg", remove_rules<RemoveRules::By::message, true>},
    {"ruleRemoveTargetByTag", remove_rules<RemoveRules::By::tag, true>},
});

}  // namespace

std::optional<Effect> read_setvar(const Text& text, const Report& report) {
  SetVariable effect;
  const bool removes = text.view().front() == '!';
  const std::size_t equals = text.view().find('=');
  const std::size_t start = removes ? 1 : 0;
  auto name = dotted_name(text.part(start, (equals == std::string_view::npos ? text.view().size() : equals) - start), report);
  if (!name) return std::nullopt;
  effect.collection = name->collection;
  effect.key = std::move(name->key);
  if (removes) {
    effect.change = Change::remove;
    return effect;
  }
  if (equals == std::string_view::npos) {
    effect.value = Template("1");
    return effect;
  }
  std::size_t value = equals + 1;
  if (value < text.view().size() && (text.view()[value] == '+' || text.view()[value] == '-')) {
    effect.change = text.view()[value++] == '+' ? Change::add : Change::subtract;
  }
  effect.value = parse_template(text.part(value, text.view().size()), report);
  return effect;
}

std::optional<Effect> read_expirevar(const Text& text, const Report& report) {
  const std::size_t equals = std::min(text.view().find('='), text.view().size());
  auto name = dotted_name(text.part(0, equals), report);
  if (!name) return std::nullopt;
  if (name->collection == Field::tx) report.warn(text.at(0), "expirevar has no effect on tx", "its variables end with the request anyway");
  Template seconds = equals == text.view().size() ? Template("3600") : parse_template(text.part(equals + 1, text.view().size()), report);
  return ExpireVariable{name->collection, std::move(name->key), std::move(seconds)};
}

std::optional<Effect> read_initcol(const Text& text, const Report& report) {
  const std::size_t equals = text.view().find('=');
  const auto collection = collection_of(text.view().substr(0, equals));
  if (equals == std::string_view::npos || !collection || *collection == Field::tx) {
    report.error(text.at(0), "initcol takes a collection and a key, such as ip=%{REMOTE_ADDR}",
                 "collections are ip, global, session, user and resource");
    return std::nullopt;
  }
  return OpenCollection{*collection, parse_template(text.part(equals + 1, text.view().size()), report)};
}

std::optional<Effect> read_setenv(const Text& text, const Report& report) {
  SetEnvironment effect;
  const std::size_t equals = text.view().find('=');
  effect.remove = text.view().front() == '!';
  effect.name = text.view().substr(effect.remove ? 1 : 0, equals);
  if (equals == std::string_view::npos) {
    effect.value = Template("1");
  } else {
    effect.name = text.view().substr(0, equals);
    effect.value = parse_template(text.part(equals + 1, text.view().size()), report);
  }
  return effect;
}

std::optional<Effect> read_set_id(Field collection, const Text& text, const Report& report) {
  return OpenCollection{collection, parse_template(text, report)};
}

std::optional<Effect> read_ctl(const Text& text, const Report& report) {
  const std::size_t equals = text.view().find('=');
  const std::string_view name = text.view().substr(0, equals);
  if (equals == std::string_view::npos) {
    report.error(text.at(0), "ctl takes an option and a value, such as ruleEngine=Off");
    return std::nullopt;
  }
  const Text value = text.part(equals + 1, text.view().size());
  for (const OptionRow& row : option_rows) {
    if (same_letters(row.name, name)) return row.read(Option{row.name, value, report});
  }
  std::vector<std::string_view> names;
  for (const OptionRow& row : option_rows) names.push_back(row.name);
  report.error(text.at(0), "unknown ctl option '" + std::string(name) + "'", suggest(name, names));
  return std::nullopt;
}

}  // namespace gatehouse::filters::seclang
