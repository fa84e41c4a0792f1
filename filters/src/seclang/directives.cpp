// The directives of ModSecurity's language, as one table. What has no meaning here but does no harm is accepted with a
// warning that says why; anything unknown is an error.
#include <array>
#include <charconv>
#include <fstream>

#include "core/ascii.hpp"
#include "core/suggest.hpp"
#include "seclang/loader.hpp"

namespace gatehouse::filters::seclang {

namespace {

using Context = Loader::Context;

EngineSettings& settings_of(const Context& c) { return c.loader.source().settings; }

void wrong(const Context& c, std::string message) {
  c.report.error(c.argument(0).at(0), c.directive.name.string() + " " + std::move(message));
}

/// Reads On or Off.
void read_switch(const Context& c, bool& to) {
  if (same_letters(c.argument(0).view(), "on")) {
    to = true;
  } else if (same_letters(c.argument(0).view(), "off")) {
    to = false;
  } else {
    wrong(c, "takes On or Off");
  }
}

template <class Number>
void read_number(const Context& c, Number& to) {
  const std::string_view text = c.argument(0).view();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  if (error != std::errc() || end != text.data() + text.size()) wrong(c, "takes a number");
}

void read_limit_action(const Context& c, LimitAction& to) {
  if (same_letters(c.argument(0).view(), "reject")) {
    to = LimitAction::reject;
  } else if (same_letters(c.argument(0).view(), "processpartial")) {
    to = LimitAction::process_partial;
  } else {
    wrong(c, "takes Reject or ProcessPartial");
  }
}

void rule_engine(const Context& c) {
  const std::string_view text = c.argument(0).view();
  if (same_letters(text, "on")) {
    settings_of(c).mode = EngineMode::on;
  } else if (same_letters(text, "off")) {
    settings_of(c).mode = EngineMode::off;
  } else if (same_letters(text, "detectiononly")) {
    settings_of(c).mode = EngineMode::detect;
  } else {
    wrong(c, "takes On, Off or DetectionOnly");
  }
}

void audit_engine(const Context& c) {
  const std::string_view text = c.argument(0).view();
  EngineSettings& settings = settings_of(c);
  if (same_letters(text, "on")) {
    settings.audit = AuditMode::on;
  } else if (same_letters(text, "off")) {
    settings.audit = AuditMode::off;
  } else if (same_letters(text, "relevantonly")) {
    settings.audit = AuditMode::relevant_only;
  } else {
    wrong(c, "takes On, Off or RelevantOnly");
  }
}

void audit_parts(const Context& c) {
  const std::string_view text = c.argument(0).view();
  if (text.find_first_not_of("ABCDEFGHIJKZ") != std::string_view::npos) return wrong(c, "takes letters from A to K and Z");
  settings_of(c).audit_parts = AuditParts(text);
}

void audit_relevant_status(const Context& c) {
  auto pattern = Regex::compile(c.argument(0).view());
  if (!pattern) return wrong(c, "takes a regular expression: " + pattern.error().message);
  pattern->quicken();
  settings_of(c).audit_relevant_status = std::make_shared<const Regex>(std::move(*pattern));
}

void argument_separator(const Context& c) {
  if (c.argument(0).view().size() != 1) return wrong(c, "takes one character");
  settings_of(c).argument_separator = c.argument(0).view()[0];
}

void response_mime_types(const Context& c) {
  for (const Text& text : c.directive.arguments) {
    // v2 adds to the list; (null) stands for responses without a type.
    settings_of(c).response_mime_types.push_back(same_letters(text.view(), "(null)") ? std::string() : lowered(text.view()));
  }
}

void unicode_map(const Context& c) {
  const auto text = c.loader.read(c.argument(0).view());
  if (!text) return wrong(c, "names a file that cannot be read: " + c.loader.resolve(c.argument(0).view()));
  unsigned page = 20127;
  if (c.directive.arguments.size() > 1) {
    const std::string_view number = c.argument(1).view();
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), page);
    if (error != std::errc() || end != number.data() + number.size()) return wrong(c, "takes a file and a code page");
  }
  auto map = UnicodeMap::parse(*text, page);
  if (!map) return wrong(c, "names a file without code page " + std::to_string(page));
  settings_of(c).unicode_map = std::make_shared<const UnicodeMap>(std::move(*map));
}

void must_be_off(const Context& c) {
  bool on = false;
  read_switch(c, on);
  if (on) wrong(c, "can only be Off: nothing outside a document is ever loaded");
}

void cookie_format(const Context& c) {
  if (c.argument(0).view() != "0") wrong(c, "can only be 0: version 1 cookies are not parsed");
}

/// Accepted without effect.
template <const char* const& Why>
void no_effect(const Context& c) {
  c.report.warn(c.place(), c.directive.name.string() + " has no effect here", Why);
}
constexpr const char* why_files = "nothing is written to temporary or upload files";
constexpr const char* why_coding = "compressed content is decoded for the rules";
constexpr const char* why_host = "the host program decides this";
constexpr const char* why_log = "the host program writes the logs";

struct Row {
  std::string_view name;
  unsigned arguments_min, arguments_max;
  void (*run)(const Context&);
};

constexpr unsigned any = 1000;
constexpr auto directives = std::to_array<Row>({
    {"Include", 1, 1, [](const Context& c) { c.loader.include(c, false); }},
    {"IncludeOptional", 1, 1, [](const Context& c) { c.loader.include(c, true); }},
    {"SecAction", 1, 1, [](const Context& c) { c.loader.add_action(c); }},
    {"SecArgumentSeparator", 1, 1, argument_separator},
    {"SecArgumentsLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).arguments_limit); }},
    {"SecAuditEngine", 1, 1, audit_engine},
    {"SecAuditLog", 1, 1, [](const Context& c) { settings_of(c).audit_path = c.argument(0).string(); }},
    {"SecAuditLogDirMode", 1, 1, no_effect<why_log>},
    {"SecAuditLogFileMode", 1, 1, no_effect<why_log>},
    {"SecAuditLogFormat", 1, 1, no_effect<why_log>},
    {"SecAuditLogParts", 1, 1, audit_parts},
    {"SecAuditLogRelevantStatus", 1, 1, audit_relevant_status},
    {"SecAuditLogStorageDir", 1, 1, no_effect<why_log>},
    {"SecAuditLogType", 1, 1, no_effect<why_log>},
    {"SecCollectionTimeout", 1, 1, [](const Context& c) { read_number(c, settings_of(c).collection_timeout_s); }},
    {"SecComponentSignature", 1, 1, [](const Context& c) { settings_of(c).component_signatures += c.argument(0).string() + ' '; }},
    {"SecCookieFormat", 1, 1, cookie_format},
    {"SecDataDir", 1, 1, no_effect<why_files>},
    {"SecDebugLog", 1, 1, no_effect<why_log>},
    {"SecDebugLogLevel", 1, 1, no_effect<why_log>},
    {"SecDefaultAction", 1, 1, [](const Context& c) { c.loader.set_default_action(c); }},
    {"SecDisableBackendCompression", 1, 1, no_effect<why_coding>},
    {"SecMarker", 1, 1, [](const Context& c) { c.loader.add_marker(c); }},
    {"SecPcreMatchLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).regex_steps); }},
    {"SecPcreMatchLimitRecursion", 1, 1, no_effect<why_host>},
    {"SecRequestBodyAccess", 1, 1, [](const Context& c) { read_switch(c, settings_of(c).request_body_access); }},
    {"SecRequestBodyDecompression", 1, 1, [](const Context& c) { read_switch(c, settings_of(c).request_decompression.on); }},
    {"SecRequestBodyDecompressionRatio", 1, 1, [](const Context& c) { read_number(c, settings_of(c).request_decompression.ratio_max); }},
    {"SecRequestBodyInMemoryLimit", 1, 1, no_effect<why_files>},
    {"SecRequestBodyJsonDepthLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).json_depth_limit); }},
    {"SecRequestBodyLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).request_body_limit); }},
    {"SecRequestBodyLimitAction", 1, 1, [](const Context& c) { read_limit_action(c, settings_of(c).request_body_limit_action); }},
    {"SecRequestBodyNoFilesLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).request_body_no_files_limit); }},
    {"SecResponseBodyAccess", 1, 1, [](const Context& c) { read_switch(c, settings_of(c).response_body_access); }},
    {"SecResponseBodyDecompression", 1, 1, [](const Context& c) { read_switch(c, settings_of(c).response_decompression.on); }},
    {"SecResponseBodyDecompressionRatio", 1, 1, [](const Context& c) { read_number(c, settings_of(c).response_decompression.ratio_max); }},
    {"SecResponseBodyLimit", 1, 1, [](const Context& c) { read_number(c, settings_of(c).response_body_limit); }},
    {"SecResponseBodyLimitAction", 1, 1, [](const Context& c) { read_limit_action(c, settings_of(c).response_body_limit_action); }},
    {"SecResponseBodyMimeType", 1, any, response_mime_types},
    {"SecResponseBodyMimeTypesClear", 0, 0, [](const Context& c) { settings_of(c).response_mime_types.clear(); }},
    {"SecRule", 2, 3, [](const Context& c) { c.loader.add_rule(c); }},
    {"SecRuleEngine", 1, 1, rule_engine},
    {"SecRulePerfTime", 1, 1, no_effect<why_log>},
    {"SecRuleRemoveById", 1, any, [](const Context& c) { c.loader.remove_rules(c, RemoveRules::By::id); }},
    {"SecRuleRemoveByMsg", 1, 1, [](const Context& c) { c.loader.remove_rules(c, RemoveRules::By::message); }},
    {"SecRuleRemoveByTag", 1, 1, [](const Context& c) { c.loader.remove_rules(c, RemoveRules::By::tag); }},
    {"SecRuleUpdateActionById", 2, 2, [](const Context& c) { c.loader.update_actions(c); }},
    {"SecRuleUpdateTargetById", 2, 3, [](const Context& c) { c.loader.update_targets(c, RemoveRules::By::id); }},
    {"SecRuleUpdateTargetByMsg", 2, 3, [](const Context& c) { c.loader.update_targets(c, RemoveRules::By::message); }},
    {"SecRuleUpdateTargetByTag", 2, 3, [](const Context& c) { c.loader.update_targets(c, RemoveRules::By::tag); }},
    {"SecServerSignature", 1, 1, no_effect<why_host>},
    {"SecStatusEngine", 1, 1, no_effect<why_host>},
    {"SecTmpDir", 1, 1, no_effect<why_files>},
    {"SecUnicodeMapFile", 1, 2, unicode_map},
    {"SecUploadDir", 1, 1, no_effect<why_files>},
    {"SecUploadFileLimit", 1, 1, no_effect<why_files>},
    {"SecUploadFileMode", 1, 1, no_effect<why_files>},
    {"SecUploadKeepFiles", 1, 1, no_effect<why_files>},
    {"SecWebAppId", 1, 1, [](const Context& c) { settings_of(c).web_app_id = c.argument(0).string(); }},
    {"SecXmlExternalEntity", 1, 1, must_be_off},
});

}  // namespace

void run_directive(const Context& context) {
  const std::string_view name = context.directive.name.view();
  const std::size_t count = context.directive.arguments.size();
  for (const Row& row : directives) {
    if (!same_letters(row.name, name)) continue;
    if (count >= row.arguments_min && count <= row.arguments_max) return row.run(context);
    const std::string wanted = row.arguments_min == row.arguments_max
                                   ? std::to_string(row.arguments_min)
                                   : row.arguments_max == any ? std::to_string(row.arguments_min) + " or more"
                                   : std::to_string(row.arguments_min) + " to " + std::to_string(row.arguments_max);
    return context.report.error(context.place(), std::string(row.name) + " takes " + wanted + " arguments, not " +
                                                     std::to_string(count));
  }
  std::vector<std::string_view> names;
  for (const Row& row : directives) names.push_back(row.name);
  context.report.error(context.place(), "unknown directive '" + std::string(name) + "'", suggest(name, names));
}

}  // namespace gatehouse::filters::seclang
