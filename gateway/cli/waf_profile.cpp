// gatehouse waf profile: what each rule costs on given traffic.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>

#include "gatehouse/filters/match_trail.hpp"
#include "gateway/cli/moment.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_ftw.hpp"
#include "gateway/cli/waf_rules.hpp"
#include "gateway/cli/waf_traffic.hpp"
#include "gateway/cli/waf_verbs.hpp"

namespace gatehouse::cli {
namespace {

struct ProfileOptions {
  WafRuleOptions rules;
  TrafficOptions traffic;
  std::vector<std::string> tests;
  unsigned rounds{0};  // 0: as many as take about a second
  unsigned top{25};
  std::string format{"text"};
};

using Clock = std::chrono::steady_clock;

/// Times each rule from its start to its end. The clock itself costs as much as a cheap rule, so what reading it takes
/// is measured first and taken off.
class Stopwatch final : public filters::MatchObserver {
 public:
  struct Cost {
    std::uint64_t runs{0}, matches{0};
    double ns{0};
    unsigned phase{0};
    std::string file;
    std::uint32_t line{0};
  };

  Stopwatch() {
    constexpr int readings = 10'000;
    const auto began = Clock::now();
    for (int i = 0; i < readings; ++i) at_ = Clock::now();
    clock_ns_ = std::chrono::duration<double, std::nano>(at_ - began).count() / readings;
  }
  void rule_began(const filters::ActingRule&) override { at_ = Clock::now(); }
  void rule_ended(const filters::ActingRule& rule) override {
    const double ns = std::chrono::duration<double, std::nano>(Clock::now() - at_).count() - clock_ns_;
    Cost& cost = costs_[rule.id];
    cost.ns += std::max(0.0, ns);
    ++cost.runs;
    if (cost.runs == 1) cost.phase = rule.phase, cost.file = rule.file, cost.line = rule.line;
  }
  void rule_matched(const filters::ActingRule& rule, const filters::RuleMatched&) override { ++costs_[rule.id].matches; }

  const std::map<std::uint32_t, Cost>& costs() const noexcept { return costs_; }

 private:
  std::map<std::uint32_t, Cost> costs_;
  Clock::time_point at_;
  double clock_ns_{0};
};

/// Shows all of the traffic to the rules once; the seconds it took.
double round(const std::vector<WafExchange>& traffic, const filters::RuleSet& rules, filters::Workspace& space, filters::MatchObserver* observer) {
  const filters::Surroundings nowhere;
  const auto began = Clock::now();
  for (const WafExchange& exchange : traffic) {
    filters::Inspection inspection(rules, space, nowhere);
    if (observer != nullptr) inspection.observe(*observer);
    inspect(inspection, exchange.request, exchange.has_response ? &exchange.response : nullptr);
    inspection.finish();
  }
  return seconds_since(began);
}

struct Profile {
  std::size_t requests{0};
  unsigned rounds{0};
  double request_us{0};  // all there is, unobserved
  double rules_us{0};    // in rules
  std::vector<std::pair<std::uint32_t, Stopwatch::Cost>> rules;  // dearest first
};

Profile profile_of(const std::vector<WafExchange>& traffic, const filters::RuleSet& rules, unsigned rounds) {
  filters::Workspace space(rules);
  Profile profile;
  profile.requests = traffic.size();
  const double once = round(traffic, rules, space, nullptr);  // warms up, and says how often is enough
  profile.rounds = rounds != 0 ? rounds : std::clamp(static_cast<unsigned>(1.0 / std::max(once, 1e-6)), 1u, 10'000u);
  double seconds = 0;
  for (unsigned i = 0; i < profile.rounds; ++i) seconds += round(traffic, rules, space, nullptr);
  Stopwatch watch;
  for (unsigned i = 0; i < profile.rounds; ++i) round(traffic, rules, space, &watch);
  const double shown = static_cast<double>(profile.requests) * profile.rounds;
  profile.request_us = seconds * 1e6 / shown;
  for (const auto& [id, cost] : watch.costs()) {
    profile.rules.emplace_back(id, cost);
    profile.rules.back().second.ns /= shown;
    profile.rules_us += profile.rules.back().second.ns / 1000;
  }
  std::ranges::sort(profile.rules, [](const auto& a, const auto& b) { return a.second.ns > b.second.ns; });
  return profile;
}

void print_text(const Profile& profile, unsigned top) {
  std::cout << fmt::format("{} request(s), {} round(s): {:.1f} us a request; {:.1f} us of it in rules, the rest reads the request and scans its\n"
                           "values for all rules at once\n\n",
                           profile.requests, profile.rounds, profile.request_us, std::min(profile.rules_us, profile.request_us));
  Table table({"RULE", "PHASE", "NS/REQUEST", "SHARE", "RUNS", "MATCHES", "PLACE"});
  const double per_run = static_cast<double>(profile.requests) * profile.rounds;
  for (std::size_t i = 0; i < profile.rules.size() && i < top; ++i) {
    const auto& [id, cost] = profile.rules[i];
    table.add({id == 0 ? "-" : std::to_string(id), std::to_string(cost.phase), fmt::format("{:.0f}", cost.ns),
               fmt::format("{:.1f} %", cost.ns / (profile.request_us * 10)), fmt::format("{:.2f}", static_cast<double>(cost.runs) / per_run),
               fmt::format("{:.2f}", static_cast<double>(cost.matches) / per_run), fmt::format("{}:{}", cell(cost.file), cost.line)});
  }
  std::cout << table.text();
  if (profile.rules.size() > top) std::cout << fmt::format("{} more rules ran; --top shows them\n", profile.rules.size() - top);
}

void print_json(const Profile& profile) {
  std::string out = fmt::format("{{\"requests\":{},\"rounds\":{},\"request_us\":{:.3f},\"rules_us\":{:.3f},\"rules\":[", profile.requests,
                                profile.rounds, profile.request_us, profile.rules_us);
  const double per_run = static_cast<double>(profile.requests) * profile.rounds;
  for (const auto& [id, cost] : profile.rules) {
    if (out.back() != '[') out += ',';
    out += fmt::format("{{\"rule\":{},\"phase\":{},\"ns\":{:.1f},\"runs\":{:.3f},\"matches\":{:.3f}}}", id, cost.phase, cost.ns,
                       static_cast<double>(cost.runs) / per_run, static_cast<double>(cost.matches) / per_run);
  }
  std::cout << out << "]}\n";
}

int profile(const ProfileOptions& options) {
  std::vector<WafExchange> traffic;
  std::string problems;
  for (FtwTest& test : load_ftw(options.tests, problems)) {
    for (FtwStage& stage : test.stages) {
      WafResponse response = reflected(stage.request);
      traffic.push_back({std::move(stage.request), std::move(response), true});
    }
  }
  std::cerr << problems;
  if (traffic.empty() || !options.traffic.files.empty() || !options.traffic.curl.url.empty()) {
    auto more = read_traffic(options.traffic);
    if (!more) {
      std::cerr << "gatehouse: " << more.error() << '\n';
      return 1;
    }
    traffic.insert(traffic.end(), more->begin(), more->end());
  }
  const LoadedRules rules = load_rules(options.rules);
  if (rules.rules == nullptr) return 1;
  const Profile result = profile_of(traffic, *rules.rules, options.rounds);
  options.format == "json" ? print_json(result) : print_text(result, options.top);
  return 0;
}

}  // namespace

void add_waf_profile(Verb above) {
  auto options = std::make_shared<ProfileOptions>();
  Verb verb = above.verb("profile", "Show what each rule costs on given traffic");
  add_rule_options(verb, options->rules);
  add_traffic_options(verb, options->traffic);
  verb.option("--tests", options->tests, "Take the requests of go-ftw tests, a file or folder; repeatable").one_value_each();
  verb.option("--rounds", options->rounds, "How often the traffic is shown; default: for about a second");
  verb.option("--top", options->top, "How many rules to list").show_default();
  verb.format_option(options->format);
  verb.footer("Example:\n  gatehouse waf profile -c gatehouse.yaml --request traffic.har\n");
  verb.does([options] { return profile(*options); });
}

}  // namespace gatehouse::cli
