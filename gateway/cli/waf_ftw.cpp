#include "gateway/cli/waf_ftw.hpp"

#include <algorithm>
#include <regex>

namespace gatehouse::cli {
namespace {

/// Text of a log line: what cannot be printed in hex, as servers do.
std::string printable(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

/// One match in the form that tools read out of an error log.
std::string line_of(const filters::MatchedRule& match) {
  std::string line = "[id \"" + std::to_string(match.id) + "\"] [msg \"" + printable(match.message) + "\"] [data \"" + printable(match.data) +
                     "\"] [on \"" + printable(match.variable) + "\"]";
  for (const std::string& tag : match.tags) line += " [tag \"" + printable(tag) + "\"]";
  return line + "\n";
}

struct Observed {
  int status{0};
  std::string log;
};

Observed observe(const WafRequest& request, const filters::RuleSet& rules, filters::Workspace& space) {
  static const filters::Surroundings nowhere;
  filters::Inspection inspection(rules, space, nowhere);
  const WafResponse response = reflected(request);
  const filters::Decision decision = inspect(inspection, request, &response);
  inspection.finish();
  Observed observed;
  observed.status = decision.outcome == filters::Outcome::pass || decision.outcome == filters::Outcome::allow ? response.status : decision.status;
  // The parser comes before the rules. What they would have said of such a request is shown all the same, since rules
  // may run behind other parsers.
  if (!request.refusal.empty()) observed.status = request.refusal_status;
  for (const filters::MatchedRule& match : inspection.matches()) {
    if (match.logged) observed.log += line_of(match);
  }
  return observed;
}

bool has_id(const std::string& log, unsigned id) { return log.find("[id \"" + std::to_string(id) + "\"]") != std::string::npos; }

bool found(const std::string& log, const std::string& expression) {
  try {
    return std::regex_search(log, std::regex(expression));
  } catch (const std::regex_error&) {
    return log.find(expression) != std::string::npos;
  }
}

std::string compare(const FtwExpectation& expected, const Observed& observed, const WafRequest& request) {
  std::string problem;
  const auto say = [&](const std::string& text) { problem += (problem.empty() ? "" : ", ") + text; };
  if (expected.status != 0 && expected.status != observed.status) {
    say("status " + std::to_string(observed.status) + " instead of " + std::to_string(expected.status));
  }
  if (expected.error && request.refusal.empty()) say("no error of the connection");
  for (const unsigned id : expected.ids) {
    if (!has_id(observed.log, id)) say("rule " + std::to_string(id) + " did not match");
  }
  // A request that is to be refused before the rules, and is, has no log where it matters.
  const bool refused = expected.status >= 400 && !request.refusal.empty();
  for (const unsigned id : expected.absent_ids) {
    if (!refused && has_id(observed.log, id)) say("rule " + std::to_string(id) + " matched");
  }
  if (!expected.match.empty() && !found(observed.log, expected.match)) say("nothing in the log fits " + expected.match);
  if (!expected.no_match.empty() && found(observed.log, expected.no_match)) say("something in the log fits " + expected.no_match);
  return problem;
}

}  // namespace

const FtwOverride* FtwOverrides::find(const FtwTest& test) const {
  for (const Entry& entry : entries_) {
    if (entry.rule != test.rule || (!entry.tests.empty() && !entry.tests.contains(test.id))) continue;
    entry.used = true;
    return &entry.what;
  }
  return nullptr;
}

std::vector<std::string> FtwOverrides::unused() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries_) {
    if (!entry.used) out.push_back(entry.rule);
  }
  return out;
}

FtwResult run_ftw(const FtwTest& test, const FtwOverride* change, const filters::RuleSet& rules, filters::Workspace& space) {
  FtwResult result;
  for (const FtwStage& stage : test.stages) {
    const FtwExpectation& expected = change != nullptr && change->expected ? *change->expected : stage.expected;
    const Observed observed = observe(stage.request, rules, space);
    result.log += observed.log;
    const std::string problem = compare(expected, observed, stage.request);
    if (!problem.empty()) result.problem += (result.problem.empty() ? "" : "; ") + problem;
  }
  if (change != nullptr && change->expect_failure) result.problem = result.problem.empty() ? "passed, but is expected to fail" : "";
  return result;
}

}  // namespace gatehouse::cli
