// The OWASP CRS 4 regression suite in process, by the runner of `gatehouse waf test`. GATEHOUSE_CRS4_DIR names a folder with
// crs-setup.conf.example, rules and tests; without it the test is skipped. Normally the rules are those of paranoia level 1
// with the cases that these can decide; GATEHOUSE_LONG_TESTS=1 runs every case with every rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <unordered_set>

#include "gateway/cli/waf_ftw.hpp"

namespace gatehouse::cli {
namespace {

/// What the suite wants of its rule set, apart from the paranoia level.
constexpr std::string_view limits =
    "setvar:tx.max_num_args=255,setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000,"
    "setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535\"\n";

std::shared_ptr<const filters::RuleSet> load_rules(const std::string& root, int paranoia) {
  filters::RuleSetOptions options;
  options.cache_folder = GATEHOUSE_BINARY_DIR "/patterns";
  options.before.push_back({"before", "SecAction \"id:900000,phase:1,pass,nolog,setvar:tx.blocking_paranoia_level=" +
                                          std::to_string(paranoia) + "," + std::string(limits)});
  options.after.push_back({"after", "SecRuleEngine DetectionOnly\n"});
  const auto rules = filters::RuleSet::load_seclang(
      {GATEHOUSE_SOURCE_DIR "/filters/rules/base.conf", root + "/crs-setup.conf.example", root + "/rules/*.conf"}, options);
  if (rules) return *rules;
  for (const auto& problem : rules.error()) ADD_FAILURE() << filters::to_string(problem);
  return nullptr;
}

/// Whether all rules that a case is about are there.
class Decidable {
 public:
  explicit Decidable(const filters::RuleSet& rules) {
    for (const std::uint32_t id : rules.rule_ids()) ids_.insert(id);
  }
  bool operator()(const FtwTest& test) const {
    return ids_.contains(static_cast<unsigned>(std::strtoul(test.rule.c_str(), nullptr, 10))) &&
           std::ranges::all_of(test.stages, [this](const FtwStage& stage) {
      return std::ranges::all_of(stage.expected.ids, [this](unsigned id) { return ids_.contains(id); });
    });
  }

 private:
  std::unordered_set<unsigned> ids_;
};

TEST(Crs4, gives_the_verdicts_that_its_own_tests_expect) {
  const char* folder = std::getenv("GATEHOUSE_CRS4_DIR");
  if (folder == nullptr) GTEST_SKIP() << "GATEHOUSE_CRS4_DIR names no folder with CRS 4 and its tests";
  const char* wish = std::getenv("GATEHOUSE_LONG_TESTS");
  const bool all = wish != nullptr && std::string(wish) == "1";
  const auto rules = load_rules(folder, all ? 4 : 1);
  ASSERT_NE(rules, nullptr);
  filters::Workspace space(*rules);
  std::string problems;
  std::vector<FtwTest> cases = load_ftw({std::string(folder) + "/tests"}, problems);
  FtwOverrides overrides;
  problems += overrides.load(GATEHOUSE_SOURCE_DIR "/tests/conformance/crs4/overrides.yaml");
  ASSERT_EQ(problems, "");
  if (!all) std::erase_if(cases, std::not_fn(Decidable(*rules)));
  ASSERT_GT(cases.size(), all ? 4500u : 1500u);
  std::size_t failed = 0;
  for (const FtwTest& test : cases) {
    const std::string problem = run_ftw(test, overrides.find(test), *rules, space).problem;
    if (problem.empty()) continue;
    ++failed;
    std::cout << test.name() << ": " << problem << "\n";
  }
  std::cout << cases.size() - failed << " of " << cases.size() << " cases passed\n";
  // 99.8 %.
  EXPECT_LE(failed * 500, cases.size());
}

/// A clock, so that long searches can end.
class Clock final : public filters::Surroundings {
 public:
  std::uint64_t now_us() const noexcept override {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch()).count());
  }
};

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

/// A form with one value that is all repetition: what makes expressions that look for pairs and lists try everything.
TEST(Crs4, ends_with_a_verdict_on_bodies_made_to_take_long) {
  const char* folder = std::getenv("GATEHOUSE_CRS4_DIR");
  if (folder == nullptr) GTEST_SKIP() << "GATEHOUSE_CRS4_DIR names no folder with CRS 4 and its tests";
  const auto rules = load_rules(folder, 1);
  ASSERT_NE(rules, nullptr);
  filters::Workspace space(*rules);
  const Clock clock;
  // The first is as long as a form may be, the second longer: its verdict is the limit's.
  for (const std::size_t bytes : {130'000u, 1'000'000u}) {
    for (const char* piece : {"a", "$", "%7C%7C", "(", "%5C", "..%2F", "%26", "%3Ca+", "a%3B", "%27", "b%24", "%60", "on%3D", "1%2B"}) {
      WafRequest request;
      request.method = "POST";
      request.body = "x=" + repeated(piece, bytes);
      request.fields = {{"Host", "localhost"}, {"User-Agent", "test"}, {"Accept", "*/*"},
                        {"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Length", std::to_string(request.body.size())}};
      filters::Inspection inspection(*rules, space, clock);
      const double began = cpu_ms();
      inspection.on_request_head(request.view(), "1");
      inspection.on_request_body(request.body);
      inspection.on_request_end();
      // Some 60 ms where nothing else runs. This is to catch what stalls, on the slowest machine that runs tests.
      EXPECT_LT(cpu_ms() - began, 1000.0) << bytes << " bytes of " << piece;
      if (bytes > 131'072) EXPECT_EQ(inspection.detected().status, 413) << piece;
    }
  }
}

}  // namespace
}  // namespace gatehouse::cli
