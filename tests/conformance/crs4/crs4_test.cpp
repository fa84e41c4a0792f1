// The OWASP CRS 4 regression suite in process. GATEHOUSE_CRS4_DIR names a folder with crs-setup.conf.example, rules and
// tests; without it the test is skipped. Normally the rules are those of paranoia level 1 with the cases that these can
// decide; GATEHOUSE_LONG_TESTS=1 runs every case with every rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <unordered_set>

#include "rules/program.hpp"
#include "tests/conformance/crs4/ftw.hpp"

namespace gatehouse::ftw {
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
    for (const filters::Rule& rule : rules.program().rules) ids_.insert(rule.id);
  }
  bool operator()(const Case& test) const {
    return ids_.contains(static_cast<unsigned>(std::strtoul(test.name.c_str(), nullptr, 10))) &&
           std::all_of(test.stages.begin(), test.stages.end(), [this](const Stage& stage) {
      return std::all_of(stage.expected.ids.begin(), stage.expected.ids.end(), [this](unsigned id) { return ids_.contains(id); });
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
  auto cases = load(std::string(folder) + "/tests", GATEHOUSE_SOURCE_DIR "/tests/conformance/crs4/overrides.yaml");
  if (!all) std::erase_if(cases, std::not_fn(Decidable(*rules)));
  ASSERT_GT(cases.size(), all ? 4500u : 1500u);
  std::size_t failed = 0;
  for (const Case& test : cases) {
    const std::string problem = run(test, *rules, space);
    if (problem.empty()) continue;
    ++failed;
    std::cout << test.name << ":" << problem << "\n";
  }
  std::cout << cases.size() - failed << " of " << cases.size() << " cases passed\n";
  // 99.8 %.
  EXPECT_LE(failed * 500, cases.size());
}

}  // namespace
}  // namespace gatehouse::ftw
