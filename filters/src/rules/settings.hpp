// EngineSettings: how the engine runs a rule set, apart from the rules themselves. Front ends fill them in; the defaults are
// those of ModSecurity's reference manual.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rules/rule.hpp"
#include "transforms/unicode_map.hpp"

namespace gatehouse::filters {

enum class LimitAction : std::uint8_t { reject, process_partial };

/// Whether content is decoded before it is looked at, and how much more it may become by that.
struct Decompression {
  bool on{true};
  std::uint32_t ratio_max{200};  // to the bytes that came; 200 is also what Apache's inflating filter allows
};

struct EngineSettings {
  EngineMode mode{EngineMode::off};
  bool request_body_access{false};
  std::uint64_t request_body_limit{134'217'728};
  std::uint64_t request_body_no_files_limit{1'048'576};
  LimitAction request_body_limit_action{LimitAction::reject};
  Decompression request_decompression;
  std::uint32_t json_depth_limit{10'000};
  std::uint32_t arguments_limit{1000};
  bool response_body_access{false};
  std::vector<std::string> response_mime_types{"text/plain", "text/html"};  // lower-case
  std::uint64_t response_body_limit{524'288};
  LimitAction response_body_limit_action{LimitAction::reject};
  Decompression response_decompression;
  char argument_separator{'&'};
  std::uint32_t regex_steps{250'000};
  std::uint32_t phase_us{40'000};  // after this much of a phase, long searches give up; needs a host with a clock
  std::shared_ptr<const UnicodeMap> unicode_map;
  std::uint32_t collection_timeout_s{3600};
  AuditMode audit{AuditMode::off};
  std::string audit_path;
  AuditParts audit_parts{"ABCFHZ"};
  std::shared_ptr<const Regex> audit_relevant_status;
  std::string component_signatures;
  std::string web_app_id;
};

/// What a front end hands to compile().
struct RuleSource {
  std::vector<Rule> rules;  // markers among them, in file order
  EngineSettings settings;
};

}  // namespace gatehouse::filters
