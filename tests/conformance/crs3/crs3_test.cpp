// Verdicts of Debian's CRS 3.3.4, request by request: requests.cases has our own attacks, at least one for each family of
// rules, and what is harmless, at the paranoia level where it tells something, with all rules that are to match. Where
// libmodsecurity3 is installed it judges the same requests; where it comes to other rules the case says to which and why.
// Skipped without the package modsecurity-crs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "gatehouse/filters/inspection.hpp"
#include "tests/support/modsecurity.hpp"

namespace gatehouse::crs3 {
namespace {

using Ids = std::set<unsigned>;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* rules_folder = "/usr/share/modsecurity-crs/rules";
constexpr const char* setup_file = "/etc/modsecurity/crs/crs-setup.conf";

struct Case {
  std::string name;
  int level{1};
  peers::Request request;
  bool has_response{false};
  std::uint16_t response_status{200};
  std::string response_body;
  Ids expected;
  std::optional<Ids> theirs;  // where they differ
};

Ids ids_of(const std::string& text) {
  Ids ids;
  std::istringstream words(text);
  for (unsigned id = 0; words >> id;) ids.insert(id);
  return ids;
}

/// A field replaces the one of that name that every request has; an empty value takes it away.
void set_field(Fields& fields, const std::string& name, const std::string& value) {
  const auto same = [&](const auto& field) { return field.first == name; };
  const auto found = std::ranges::find_if(fields, same);
  if (found != fields.end()) fields.erase(found);
  if (!value.empty()) fields.emplace_back(name, value);
}

std::string unescaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos; at += 2) text.replace(at, 2, "\r\n");
  return text;
}

void read_line(const std::string& line, std::vector<Case>& all) {
  const auto rest = [&](std::string_view word) { return line.substr(word.size()); };
  const auto starts = [&](std::string_view word) { return line.starts_with(word); };
  if (starts("case ")) {
    all.emplace_back().name = rest("case ");
    all.back().request.fields = {{"Host", "www.example.com"},
                                 {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"},
                                 {"Accept", "text/html,*/*;q=0.8"}};
    return;
  }
  if (line.empty() || starts("#")) return;
  Case& test = all.at(all.size() - 1);
  if (starts("level ")) {
    test.level = std::stoi(rest("level "));
  } else if (starts("+ ")) {
    const std::size_t colon = line.find(':');
    set_field(test.request.fields, line.substr(2, colon - 2), colon + 2 < line.size() ? line.substr(colon + 2) : "");
  } else if (starts("= ")) {
    test.request.body = unescaped(rest("= "));
    set_field(test.request.fields, "Content-Length", std::to_string(test.request.body.size()));
  } else if (starts("< ")) {
    test.has_response = true;
    test.response_status = static_cast<std::uint16_t>(std::stoi(rest("< ")));
    test.response_body = line.size() > 6 ? unescaped(line.substr(6)) : "";
  } else if (starts("=>")) {
    test.expected = ids_of(rest("=>"));
  } else if (starts("theirs")) {
    test.theirs = ids_of(rest("theirs"));
  } else {
    const std::size_t space = line.find(' ');
    test.request.method = line.substr(0, space);
    test.request.target = line.substr(space + 1);
  }
}

std::vector<Case> cases() {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/conformance/crs3/requests.cases");
  std::vector<Case> all;
  for (std::string line; std::getline(file, line);) read_line(line, all);
  return all;
}

std::vector<std::string> files() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(rules_folder)) {
    if (entry.path().extension() == ".conf") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  found.insert(found.begin(), {GATEHOUSE_SOURCE_DIR "/filters/rules/base.conf", setup_file});
  return found;
}

std::string level_text(int level) {
  return "SecRuleEngine On\nSecAction \"id:800000,phase:1,pass,nolog,setvar:tx.paranoia_level=" + std::to_string(level) + "\"\n";
}

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const Fields& fields = *static_cast<const Fields*>(context);
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

/// The rules of one paranoia level in both engines.
class Level {
 public:
  explicit Level(int level) : theirs_(peers::Libmodsecurity::open()) {
    filters::RuleSetOptions options;
    options.cache_folder = GATEHOUSE_BINARY_DIR "/patterns";
    options.before.push_back({"level", level_text(level)});
    auto loaded = filters::RuleSet::load_seclang(files(), options);
    if (!loaded) {
      for (const auto& problem : loaded.error()) ADD_FAILURE() << filters::to_string(problem);
      return;
    }
    rules_ = *loaded;
    space_ = std::make_unique<filters::Workspace>(*rules_);
    if (theirs_ == nullptr) return;
    EXPECT_EQ(theirs_->add_rules(level_text(level)), "");
    for (const std::string& file : files()) EXPECT_EQ(theirs_->add_file(file), "");
  }
  bool ready() const { return rules_ != nullptr; }
  bool has_theirs() const { return theirs_ != nullptr; }

  Ids ours(const Case& test) {
    filters::RequestView view;
    view.method = test.request.method;
    view.target = test.request.target;
    view.version = "HTTP/1.1";
    view.client_text = "192.0.2.7";
    view.client = *filters::parse_address("192.0.2.7");
    view.fields = {field_at, &test.request.fields};
    filters::Inspection inspection(*rules_, *space_, nowhere_);
    filters::Decision decision = inspection.on_request_head(view, "1");
    if (decision.outcome == filters::Outcome::pass && !test.request.body.empty()) decision = inspection.on_request_body(test.request.body);
    if (decision.outcome == filters::Outcome::pass) decision = inspection.on_request_end();
    if (decision.outcome == filters::Outcome::pass && test.has_response) respond(inspection, test);
    inspection.finish();
    Ids ids;
    for (const filters::MatchedRule& match : inspection.matches()) {
      if (match.logged && is_told(match.id)) ids.insert(match.id);
    }
    return ids;
  }

  Ids theirs(const Case& test) {
    Ids ids;
    for (const unsigned id : theirs_->inspect(test.request, true).ids) {
      if (is_told(id)) ids.insert(id);
    }
    return ids;
  }

 private:
  static void respond(filters::Inspection& inspection, const Case& test) {
    const Fields fields{{"Content-Type", "text/html"}};
    inspection.on_response_head({test.response_status, "HTTP/1.1", {field_at, &fields}});
    if (inspection.wants_response_body()) inspection.on_response_body(test.response_body);
    inspection.on_response_end();
  }
  /// The reports of phase 5 repeat what was found.
  static bool is_told(unsigned id) { return id < 980'000 || id >= 981'000; }

  std::shared_ptr<const filters::RuleSet> rules_;
  std::unique_ptr<filters::Workspace> space_;
  filters::Surroundings nowhere_;
  std::unique_ptr<peers::Libmodsecurity> theirs_;
};

TEST(Crs3, judges_each_request_as_modsecurity_does) {
  if (!std::filesystem::exists(setup_file) || !std::filesystem::exists(rules_folder)) GTEST_SKIP() << "modsecurity-crs is not installed";
  const std::vector<Case> all = cases();
  ASSERT_GE(all.size(), 60u);
  std::map<int, std::unique_ptr<Level>> levels;
  std::set<unsigned> families;
  std::size_t compared = 0;
  for (const Case& test : all) {
    auto& level = levels[test.level];
    if (level == nullptr) level = std::make_unique<Level>(test.level);
    ASSERT_TRUE(level->ready());
    const Ids ours = level->ours(test);
    EXPECT_EQ(ours, test.expected) << test.name;
    for (const unsigned id : ours) families.insert(id / 1000);
    if (!level->has_theirs() || test.has_response) continue;
    ++compared;
    EXPECT_EQ(level->theirs(test), test.theirs.value_or(test.expected)) << test.name << ", by libmodsecurity";
  }
  EXPECT_GE(families.size(), 18u);
  std::cout << all.size() << " requests, rules of " << families.size() << " families, " << compared << " compared with libmodsecurity\n";
}

}  // namespace
}  // namespace gatehouse::crs3
