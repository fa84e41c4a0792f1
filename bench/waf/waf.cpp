// The rule engine against libmodsecurity in one process: the same requests, the same rule files, rounds in turn, so that
// whatever else the machine does meets both. Rules are CRS 4 of GATEHOUSE_CRS4_DIR, or Debian's modsecurity-crs. Prints
// microseconds of CPU time a request (the median of the rounds) and the ratio, and before that what loading the rules costs.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/waf/traffic.hpp"
#include "gatehouse/filters/inspection.hpp"

namespace gatehouse::bench {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Options {
  int rounds{9};
  int paranoia{1};
  std::string only;
  std::string json;
  int alone{0};  // so many times each request, in our engine only: something for a profiler to look at
};

double cpu_us(clockid_t clock = CLOCK_THREAD_CPUTIME_ID) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// The same rule text for both, in the order in which it is loaded.
struct Rules {
  std::vector<std::string> files;
  std::string level;
};

Rules rules_of(const Options& options) {
  Rules rules;
  const char* folder = std::getenv("GATEHOUSE_CRS4_DIR");
  const std::string setup = folder ? std::string(folder) + "/crs-setup.conf.example" : "/etc/modsecurity/crs/crs-setup.conf";
  const std::string root = folder ? std::string(folder) + "/rules" : "/usr/share/modsecurity-crs/rules";
  const std::string variable = folder ? "tx.blocking_paranoia_level=" : "tx.paranoia_level=";
  rules.level = "SecAction \"id:900000,phase:1,pass,nolog,setvar:" + variable + std::to_string(options.paranoia) + "\"\n";
  rules.files = {GATEHOUSE_SOURCE_DIR "/filters/rules/base.conf", setup};
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.path().extension() == ".conf") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  rules.files.insert(rules.files.end(), found.begin(), found.end());
  return rules;
}

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const Fields& fields = *static_cast<const Fields*>(context);
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

class Ours {
 public:
  explicit Ours(std::shared_ptr<const filters::RuleSet> rules) : rules_(std::move(rules)), space_(*rules_) {}

  int inspect(const peers::Request& request) {
    filters::Inspection inspection(*rules_, space_, nowhere_);
    filters::RequestView view;
    view.method = request.method;
    view.target = request.target;
    view.version = "HTTP/1.1";
    view.client_text = "192.0.2.7";
    view.client = *filters::parse_address("192.0.2.7");
    view.fields = {field_at, &request.fields};
    filters::Decision decision = inspection.on_request_head(view, "4f2d8a10c3");
    if (decision.outcome == filters::Outcome::pass) {
      if (!request.body.empty()) inspection.on_request_body(request.body);
      decision = inspection.on_request_end();
    }
    inspection.finish();
    bytes_ = inspection.bytes_used();
    return decision.outcome == filters::Outcome::pass ? 0 : decision.status;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<const filters::RuleSet> rules_;
  filters::Workspace space_;
  filters::Surroundings nowhere_;
  std::size_t bytes_{0};
};

/// CPU microseconds a call, over as many calls as fill about `budget_us`.
template <class Call>
double time_of(Call&& call, double budget_us) {
  double began = cpu_us();
  call();
  const double once = std::max(1.0, cpu_us() - began);
  const int count = std::max(1, static_cast<int>(budget_us / once));
  began = cpu_us();
  for (int i = 0; i < count; ++i) call();
  return (cpu_us() - began) / count;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Row {
  std::string name;
  double ours{0}, theirs{0}, ratio{0};
  std::size_t bytes{0};  // that our transaction holds
};

Row measure(const peers::Request& request, Ours& ours, peers::Libmodsecurity& theirs, int rounds) {
  constexpr double budget_us = 20'000;
  std::vector<double> a, b, ratios;
  for (int round = -1; round < rounds; ++round) {
    const double mine = time_of([&] { ours.inspect(request); }, budget_us);
    const double other = time_of([&] { theirs.inspect(request, false); }, budget_us);
    if (round < 0) continue;  // a round to get warm
    a.push_back(mine), b.push_back(other), ratios.push_back(other / mine);
  }
  return {request.name, median(a), median(b), median(ratios), ours.bytes()};
}

Options options_of(int count, char** words) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i], value = words[i + 1];
    if (name == "--rounds") options.rounds = std::max(1, std::atoi(value.c_str()));
    if (name == "--paranoia") options.paranoia = std::atoi(value.c_str());
    if (name == "--only") options.only = value;
    if (name == "--json") options.json = value;
    if (name == "--alone") options.alone = std::atoi(value.c_str());
  }
  return options;
}

/// Memory of this process that is in use, in MiB.
double resident_mib() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// What it takes to have the rules: compiled for the first time, and from the folder of compiled patterns.
struct LoadCost {
  double first_ms{0}, cached_ms{0};
  double rules_mib{0};  // resident memory that one loaded set adds
};

struct Loaded {
  LoadCost cost;
  std::shared_ptr<const filters::RuleSet> rules;  // null: they cannot be loaded, and it was said why
};

filters::RuleSetOptions load_options(const Rules& rules) {
  filters::RuleSetOptions options;
  options.cache_folder = GATEHOUSE_BINARY_DIR "/patterns-bench";
  options.before.push_back({"level", rules.level});
  return options;
}

Loaded load(const Rules& rules) {
  const filters::RuleSetOptions options = load_options(rules);
  std::filesystem::remove_all(options.cache_folder);
  Loaded loaded;
  const auto once = [&] {
    loaded.rules.reset();
    const double resident = resident_mib(), began = cpu_us();
    auto result = filters::RuleSet::load_seclang(rules.files, options);
    const double took = (cpu_us() - began) / 1000;
    if (result) {
      loaded.rules = *result;
      loaded.cost.rules_mib = resident_mib() - resident;
    } else {
      for (const auto& problem : result.error()) std::cerr << filters::to_string(problem) << "\n";
    }
    return took;
  };
  loaded.cost.first_ms = once();
  std::vector<double> cached;
  for (int i = 0; i < 5 && loaded.rules != nullptr; ++i) cached.push_back(once());
  if (!cached.empty()) loaded.cost.cached_ms = median(cached);
  return loaded;
}

void write_json(const std::string& path, const LoadCost& cost, const std::vector<Row>& rows) {
  std::filesystem::create_directories(std::filesystem::absolute(path).parent_path());
  std::ofstream file(path);
  file << "[\n" << R"( {"row": "waf-load-first", "peer": "gatehouse", "cpu_us": )" << cost.first_ms * 1000 << "},\n"
       << R"( {"row": "waf-load-cached", "peer": "gatehouse", "cpu_us": )" << cost.cached_ms * 1000 << R"(, "mib": )" << cost.rules_mib << "}";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    file << ",\n" << R"( {"row": "waf-)" << rows[i].name << R"(", "peer": "gatehouse", "cpu_us": )"
         << rows[i].ours << R"(, "bytes": )" << rows[i].bytes << R"(, "ratio": {"libmodsecurity": )" << rows[i].ours / rows[i].theirs << "}}";
  }
  file << "\n]\n";
}

/// Runs our engine only, with patterns that an earlier run may have compiled.
int run_alone(const Options& options, const Rules& rules) {
  const auto loaded = filters::RuleSet::load_seclang(rules.files, load_options(rules));
  if (!loaded) return 1;
  Ours ours(*loaded);
  for (const peers::Request& request : traffic()) {
    if (request.name.find(options.only) == std::string::npos) continue;
    for (int i = 0; i < options.alone; ++i) ours.inspect(request);
  }
  return 0;
}

int run(const Options& options) {
  const Rules rules = rules_of(options);
  if (options.alone > 0) return run_alone(options, rules);
  const Loaded loaded = load(rules);
  if (loaded.rules == nullptr) return 1;
  const LoadCost& cost = loaded.cost;
  std::printf("%zu rules at paranoia level %d: first load %.0f ms of CPU time, from compiled patterns %.0f ms, %.1f MiB\n",
              loaded.rules->rule_count(), options.paranoia, cost.first_ms, cost.cached_ms, cost.rules_mib);
  const auto theirs = peers::Libmodsecurity::open();
  if (theirs == nullptr) {
    std::cerr << "libmodsecurity.so.3 cannot be opened: install libmodsecurity3\n";
    return 1;
  }
  std::string problem = theirs->add_rules(rules.level);
  for (const std::string& file : rules.files) {
    if (problem.empty()) problem = theirs->add_file(file);
  }
  if (!problem.empty()) {
    std::cerr << "libmodsecurity: " << problem << "\n";
    return 1;
  }
  Ours ours(loaded.rules);
  std::vector<Row> rows;
  std::printf("%-14s %12s %14s %8s %8s\n", "request", "ours us", "libmodsecurity", "ratio", "bytes");
  for (const peers::Request& request : traffic()) {
    if (request.name.find(options.only) == std::string::npos) continue;
    const int mine = ours.inspect(request), other = theirs->inspect(request, false).status;
    rows.push_back(measure(request, ours, *theirs, options.rounds));
    const Row& row = rows.back();
    std::printf("%-14s %12.1f %14.1f %8.1f %8zu%s\n", row.name.c_str(), row.ours, row.theirs, row.ratio, row.bytes,
                mine == other ? "" : "   (verdicts differ)");
  }
  if (!options.json.empty()) write_json(options.json, cost, rows);
  return 0;
}

}  // namespace
}  // namespace gatehouse::bench

int main(int count, char** words) { return gatehouse::bench::run(gatehouse::bench::options_of(count, words)); }
