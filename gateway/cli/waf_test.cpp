// gatehouse waf test: runs regression tests in go-ftw's format against rules, in process, and reports as test runners do.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <regex>

#include "gateway/cli/moment.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_ftw.hpp"
#include "gateway/cli/waf_rules.hpp"
#include "gateway/cli/waf_verbs.hpp"
#include "gateway/observe/json_text.hpp"

namespace gatehouse::cli {
namespace {

struct TestOptions {
  WafRuleOptions rules;
  std::vector<std::string> tests;
  std::vector<std::string> overrides;
  std::string only;
  std::string format{"text"};
  bool verbose{false};
};

struct Row {
  const FtwTest* test{nullptr};
  const FtwOverride* change{nullptr};
  std::string problem;
  bool ignored{false};
};

struct Report {
  std::vector<Row> rows;
  std::size_t passed{0}, failed{0}, ignored{0}, overridden{0};
  double read_seconds{0}, run_seconds{0};
};

using Clock = std::chrono::steady_clock;

Report run(const std::vector<FtwTest>& tests, const FtwOverrides& overrides, const filters::RuleSet& rules, bool with_log) {
  Report report;
  filters::Workspace space(rules);
  const auto began = Clock::now();
  for (const FtwTest& test : tests) {
    Row row{&test, overrides.find(test), {}, false};
    report.overridden += row.change != nullptr ? 1 : 0;
    if (row.change != nullptr && row.change->ignore) {
      row.ignored = true;
      ++report.ignored;
    } else {
      FtwResult result = run_ftw(test, row.change, rules, space);
      row.problem = std::move(result.problem);
      ++(row.problem.empty() ? report.passed : report.failed);
      if (with_log && !row.problem.empty()) row.problem += "\n" + result.log;
    }
    report.rows.push_back(std::move(row));
  }
  report.run_seconds = seconds_since(began);
  return report;
}

void print_text(const Report& report, const LoadedRules& rules, const FtwOverrides& overrides) {
  for (const Row& row : report.rows) {
    if (row.problem.empty()) continue;
    std::cout << "FAILED " << row.test->name() << ": " << row.problem << '\n';
    if (!row.test->description.empty()) std::cout << "       " << row.test->description << '\n';
    std::cout << "       " << row.test->file << '\n';
  }
  for (const Row& row : report.rows) {
    if (row.change != nullptr) std::cout << "override " << row.test->name() << ": " << row.change->reason << '\n';
  }
  for (const std::string& rule : overrides.unused()) std::cout << "override without a test: " << rule << '\n';
  const double rate = report.run_seconds > 0 ? static_cast<double>(report.passed + report.failed) / report.run_seconds : 0;
  std::cout << fmt::format("{} rules loaded in {:.2f} s; {} tests read in {:.2f} s and run in {:.2f} s ({:.0f} tests a second)\n",
                           rules.rules->rule_count(), rules.seconds, report.rows.size(), report.read_seconds, report.run_seconds, rate);
  std::cout << fmt::format("{} passed, {} failed, {} ignored; {} with an override\n", report.passed, report.failed, report.ignored,
                           report.overridden);
}

void print_json(const Report& report, const LoadedRules& rules) {
  std::string out = fmt::format("{{\"rules\":{},\"load_seconds\":{:.3f},\"read_seconds\":{:.3f},\"run_seconds\":{:.3f},"
                                "\"passed\":{},\"failed\":{},\"ignored\":{},\"overridden\":{},\"tests\":[",
                                rules.rules->rule_count(), rules.seconds, report.read_seconds, report.run_seconds, report.passed,
                                report.failed, report.ignored, report.overridden);
  for (const Row& row : report.rows) {
    if (out.back() != '[') out += ',';
    out += "{\"name\":";
    observe::append_json_string(out, row.test->name());
    out += row.ignored ? ",\"outcome\":\"ignored\"" : row.problem.empty() ? ",\"outcome\":\"passed\"" : ",\"outcome\":\"failed\"";
    if (!row.problem.empty()) {
      out += ",\"problem\":";
      observe::append_json_string(out, row.problem);
    }
    if (row.change != nullptr) {
      out += ",\"override\":";
      observe::append_json_string(out, row.change->reason);
    }
    out += '}';
  }
  std::cout << out << "]}\n";
}

int test(const TestOptions& options) {
  FtwOverrides overrides;
  for (const std::string& file : options.overrides) {
    const std::string problem = overrides.load(file);
    if (problem.empty()) continue;
    std::cerr << problem << '\n';
    return 1;
  }
  const auto began = Clock::now();
  std::string problems;
  std::vector<FtwTest> tests = load_ftw(options.tests, problems);
  std::cerr << problems;
  if (!options.only.empty()) {
    const std::regex wanted(options.only);
    std::erase_if(tests, [&](const FtwTest& each) { return !std::regex_search(each.name(), wanted); });
  }
  const double read_seconds = seconds_since(began);
  if (tests.empty()) {
    std::cerr << "gatehouse: there is no test\n";
    return 1;
  }
  const LoadedRules rules = load_rules(options.rules);
  if (rules.rules == nullptr) return 1;
  Report report = run(tests, overrides, *rules.rules, options.verbose);
  report.read_seconds = read_seconds;
  options.format == "json" ? print_json(report, rules) : print_text(report, rules, overrides);
  return report.failed == 0 && problems.empty() ? 0 : 1;
}

}  // namespace

void add_waf_test(Verb above) {
  auto options = std::make_shared<TestOptions>();
  options->rules.detect = true;  // tests ask which rules match, so none may end a request early
  Verb verb = above.verb("test", "Run rule tests in go-ftw's YAML format, without a server");
  add_rule_options(verb, options->rules);
  verb.option("tests", options->tests, "Test files, or folders of them").required();
  verb.option("--overrides", options->overrides, "Files of expectations that differ here, in go-ftw's format; repeatable")
      .one_value_each();
  verb.option("--only", options->only, "Run the tests whose name (RULE-TEST) has a match for this expression");
  verb.format_option(options->format);
  verb.flag("-v,--verbose", options->verbose, "Show what the rules said in tests that failed");
  verb.footer("Rules run to the end of each request, as in detect mode. Exit code 1 when a test failed.\n"
               "Example:\n  gatehouse waf test -r crs-setup.conf -r 'rules/*.conf' --paranoia 4 tests/regression/tests\n");
  verb.does([options] { return test(*options); });
}

}  // namespace gatehouse::cli
