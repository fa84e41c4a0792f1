#include "gateway/proxy/web_acl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "gateway/runtime/job_threads.hpp"

namespace gatehouse::proxy {
namespace {

// Ids of the rules that a web ACL's settings become. Nobody else's: CRS and its plugins use 900000 to 9999999, and
// what lies below 100000 is left to the files' authors.
constexpr unsigned xml_rule = 190'000'001;
constexpr unsigned json_rule = 190'000'002;
constexpr unsigned body_error_rule = 190'000'003;
constexpr unsigned multipart_error_rule = 190'000'004;
constexpr unsigned level_rule = 190'000'005;
constexpr unsigned boundary_rule = 190'000'006;
constexpr unsigned steps_rule = 190'000'007;
constexpr unsigned first_exclusion_rule = 190'001'000;

// There is one limit, with files and without: a rule that raises it (ctl:requestBodyLimit) must not meet a second one.
constexpr std::uint64_t no_limit = 1u << 30;

std::string_view on_off(bool on) noexcept { return on ? "On" : "Off"; }
std::string_view limit_action(config::Oversize what) noexcept {
  return what == config::Oversize::reject ? "Reject" : "ProcessPartial";
}

/// A path pattern as a regular expression for the whole path.
std::string expression_of(std::string_view pattern) {
  std::string out = "^";
  for (const char c : pattern) {
    if (c == '*') {
      out += ".*";
    } else if (c == '?') {
      out += '.';
    } else {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-';
      // In hex, since quotes and backslashes would need a second kind of escape in a rule's text.
      out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + "$";
}

/// A parameter goes by its name alone. `COLLECTION:key` and the texts below stand for themselves.
std::string target_of(const std::string& part) {
  constexpr std::array<std::string_view, 6> texts{"REQUEST_BODY", "QUERY_STRING", "REQUEST_URI",
                                                  "REQUEST_FILENAME", "REQUEST_LINE", "REQUEST_URI_RAW"};
  const std::size_t colon = part.find(':');
  const bool collection = colon != std::string::npos && colon == part.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  return collection || std::ranges::find(texts, part) != texts.end() ? part : "ARGS:" + part;
}

/// `tag:x` or an id or range: how it is named in directives and options.
struct Chosen {
  explicit Chosen(const std::string& text) : by_tag(text.starts_with("tag:")), what(by_tag ? text.substr(4) : text) {}
  bool by_tag;
  std::string what;
};

/// The options that take rules out of one transaction.
std::string controls_of(const config::Exclusion& exclusion) {
  std::string out;
  for (const std::string& text : exclusion.rules) {
    const Chosen chosen(text);
    const std::string_view by = chosen.by_tag ? "Tag" : "Id";
    if (exclusion.parameters.empty()) out += fmt::format(",ctl:ruleRemoveBy{}={}", by, chosen.what);
    for (const std::string& part : exclusion.parameters) {
      out += fmt::format(",ctl:ruleRemoveTargetBy{}={};{}", by, chosen.what, target_of(part));
    }
  }
  return out;
}

/// The directives that take rules out for good.
std::string removals_of(const config::Exclusion& exclusion) {
  std::string out;
  for (const std::string& text : exclusion.rules) {
    const Chosen chosen(text);
    const std::string_view by = chosen.by_tag ? "Tag" : "Id";
    if (exclusion.parameters.empty()) out += fmt::format("SecRuleRemoveBy{} \"{}\"\n", by, chosen.what);
    for (const std::string& part : exclusion.parameters) {
      out += fmt::format("SecRuleUpdateTargetBy{} \"{}\" \"!{}\"\n", by, chosen.what, target_of(part));
    }
  }
  return out;
}

std::string content_settings(const config::WebAcl& acl) {
  const config::RequestInspection& in = acl.request_body;
  const config::ResponseInspection& out = acl.response_body;
  std::string text = fmt::format(
      "SecRequestBodyAccess {}\nSecRequestBodyLimit {}\nSecRequestBodyNoFilesLimit {}\nSecRequestBodyLimitAction {}\n"
      "SecRequestBodyJsonDepthLimit 512\nSecResponseBodyAccess {}\nSecResponseBodyLimit {}\nSecResponseBodyLimitAction {}\n",
      on_off(in.inspect), in.limit, no_limit, limit_action(in.oversize), on_off(out.inspect), out.limit, limit_action(out.oversize));
  text += fmt::format(
      "SecRequestBodyDecompression {}\nSecRequestBodyDecompressionRatio {}\n"
      "SecResponseBodyDecompression {}\nSecResponseBodyDecompressionRatio {}\n",
      on_off(in.decompress), in.decompression_ratio, on_off(out.decompress), out.decompression_ratio);
  text += "SecResponseBodyMimeTypesClear\nSecResponseBodyMimeType";
  for (const std::string& type : out.content_types) text += " " + type;
  return text + "\n";
}

}  // namespace

std::string text_before(const config::WebAcl& acl) {
  // Found something: written down, with what was found. Rule files may ask for more, less or nothing.
  std::string text = "SecAuditEngine RelevantOnly\nSecAuditLogParts AHKZ\n" + content_settings(acl);
  text += fmt::format(
      "SecRule REQUEST_HEADERS:Content-Type \"@rx (?i)^(?:application|text)/(?:[a-z0-9.-]+[+])?xml\" "
      "\"id:{},phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=XML\"\n"
      "SecRule REQUEST_HEADERS:Content-Type \"@rx (?i)^application/(?:[a-z0-9.-]+[+])?json\" "
      "\"id:{},phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=JSON\"\n",
      xml_rule, json_rule);
  // Content that the parser here and the one of the origin may read differently is no content to let through.
  text += fmt::format(
      "SecRule REQBODY_ERROR \"!@eq 0\" \"id:{},phase:2,deny,status:400,log,auditlog,t:none,severity:2,"
      "msg:'The content of the request cannot be read',logdata:'%{{reqbody_error_msg}}'\"\n"
      "SecRule MULTIPART_STRICT_ERROR \"!@eq 0\" \"id:{},phase:2,deny,status:400,log,auditlog,t:none,severity:2,"
      "msg:'The multipart content of the request is ambiguous'\"\n"
      "SecRule MULTIPART_UNMATCHED_BOUNDARY \"@eq 1\" \"id:{},phase:2,deny,status:400,log,auditlog,t:none,severity:2,"
      "msg:'The multipart content of the request holds a boundary of no part'\"\n",
      body_error_rule, multipart_error_rule, boundary_rule);
  // CRS 3 and 4 call the level differently; who uses neither does not mind.
  std::string levels = fmt::format("setvar:tx.paranoia_level={0},setvar:tx.blocking_paranoia_level={0}", acl.paranoia);
  if (acl.inbound_threshold != 0) levels += fmt::format(",setvar:tx.inbound_anomaly_score_threshold={}", acl.inbound_threshold);
  if (acl.outbound_threshold != 0) levels += fmt::format(",setvar:tx.outbound_anomaly_score_threshold={}", acl.outbound_threshold);
  text += fmt::format("SecAction \"id:{},phase:1,pass,nolog,t:none,{}\"\n", level_rule, levels);
  unsigned id = first_exclusion_rule;
  for (const config::Exclusion& exclusion : acl.exclusions) {
    for (const std::string& path : exclusion.paths) {
      // Decoded and without dot segments, as the origin gets it: otherwise /open/..%2fclosed would be excluded too.
      text += fmt::format("SecRule REQUEST_FILENAME \"@rx {}\" \"id:{},phase:1,pass,nolog,t:none,t:urlDecode,t:normalizePath{}\"\n",
                          expression_of(path), id++, controls_of(exclusion));
    }
  }
  return text;
}

std::string text_after(const config::WebAcl& acl) {
  std::string text = acl.mode == config::WebAclMode::detect ? "SecRuleEngine DetectionOnly\n" : "SecRuleEngine On\n";
  // An expression that took too many steps has not seen all of its value.
  text += fmt::format(
      "SecRule TX:MSC_PCRE_LIMITS_EXCEEDED \"@eq 1\" \"id:{},phase:2,deny,status:400,log,auditlog,t:none,severity:2,"
      "msg:'A rule needed too many steps for this request'\"\n",
      steps_rule);
  for (const config::Exclusion& exclusion : acl.exclusions) {
    if (exclusion.paths.empty()) text += removals_of(exclusion);
  }
  return text;
}

config::Problems to_config_problems(const filters::Problems& problems, const std::string& field) {
  config::Problems out;
  for (const filters::Problem& each : problems) {
    config::Problem problem;
    problem.severity = each.warning ? config::Severity::warning : config::Severity::error;
    problem.file = each.place.file;
    problem.line = static_cast<int>(each.place.line);
    problem.column = static_cast<int>(each.place.column);
    problem.field = field;
    problem.message = each.message;
    problem.hint = each.hint;
    out.add(std::move(problem));
  }
  return out;
}

Result<std::shared_ptr<const filters::RuleSet>, config::Problems> load_web_acl(const config::WebAcl& acl, const std::string& cache_folder,
                                                                               const LoadMore& more) {
  const std::string field = "web_acls[" + acl.name + "]";
  filters::RuleSetOptions options;
  options.cache_folder = cache_folder;
  options.run_jobs = more.run_jobs;
  options.before.push_back({field, text_before(acl)});
  if (!more.around.before.empty()) options.before.push_back({"settings", more.around.before});
  options.after.push_back({field, text_after(acl)});
  if (!more.around.after.empty()) options.after.push_back({"settings", more.around.after});
  auto loaded = filters::RuleSet::load_seclang(acl.rules, options);
  if (!loaded) return Failure{to_config_problems(loaded.error(), field)};
  if (more.warnings != nullptr) more.warnings->append(to_config_problems((*loaded)->warnings(), field));
  return *loaded;
}

filters::RunJobs on_all_processors() {
  return [](auto jobs) { return runtime::run_on_threads(jobs, runtime::processors()); };
}

LoadedAcls load_web_acls(const config::Config& config, const filters::RunJobs& run_jobs) {
  LoadedAcls loaded;
  const std::string folder = rule_cache_folder(config.rule_cache);
  LoadMore more;
  more.run_jobs = run_jobs;
  for (const config::WebAcl& acl : config.web_acls) {
    if (acl.mode != config::WebAclMode::off) loaded.emplace(acl.name, load_web_acl(acl, folder, more));
  }
  return loaded;
}

observe::SeriesId CompiledWebAcl::series_of(std::uint32_t rule) const noexcept {
  const auto at = std::ranges::lower_bound(rule_series, rule, {}, &RuleSeries::rule);
  return at != rule_series.end() && at->rule == rule ? at->series : observe::series_other;
}

std::string rule_cache_folder(const std::string& configured) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  };
  std::string folder = configured;
  if (folder.empty()) folder = variable("CACHE_DIRECTORY");  // systemd's CacheDirectory=
  if (folder.empty() && !variable("XDG_CACHE_HOME").empty()) folder = variable("XDG_CACHE_HOME") + "/gatehouse";
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.cache/gatehouse";
  if (folder.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  // A cache only saves time, so that a folder which cannot be had is no problem.
  return error ? std::string() : folder;
}

std::uint64_t hash_of_files(const std::vector<std::string>& files) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a: tells edits apart, protects from nobody
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    for (std::istreambuf_iterator<char> at(file), end; at != end; ++at) {
      hash = (hash ^ static_cast<unsigned char>(*at)) * 0x100000001b3u;
    }
    hash = (hash ^ 0xff) * 0x100000001b3u;
  }
  return hash;
}

}  // namespace gatehouse::proxy
