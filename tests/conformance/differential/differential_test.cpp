// The rule engine beside Debian's libmodsecurity3: the same rules and some thousand generated requests, rule by rule. Where
// ModSecurity 2, whose manual is the norm, and version 3 differ, or where ours differs for a reason, differences.yaml says
// so; whatever it does not name fails, and so does a difference it names that does not occur. Skipped without the library.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "gatehouse/filters/inspection.hpp"
#include "tests/conformance/differential/traffic.hpp"

namespace gatehouse::differential {
namespace {

constexpr int requests = 2500;
constexpr std::uint64_t seed = 20;
constexpr const char* folder = GATEHOUSE_SOURCE_DIR "/tests/conformance/differential/";

constexpr const char* transformations[] = {
    "base64Decode",    "base64DecodeExt",  "base64Encode",   "cmdLine",          "compressWhitespace", "cssDecode",      "escapeSeqDecode",
    "hexDecode",       "hexEncode",        "htmlEntityDecode", "jsDecode",       "length",             "lowercase",      "md5",
    "normalizePath",   "normalizePathWin", "parityEven7bit", "parityOdd7bit",    "parityZero7bit",     "removeComments", "removeCommentsChar",
    "removeNulls",     "removeWhitespace", "replaceComments", "replaceNulls",    "sha1",               "sqlHexDecode",   "trim",
    "trimLeft",        "trimRight",        "uppercase",      "urlDecode",        "urlDecodeUni",       "urlEncode",      "utf8toUnicode"};

constexpr const char* variables[] = {
    "ARGS",          "ARGS_NAMES",        "ARGS_GET",         "ARGS_GET_NAMES",   "ARGS_POST",           "ARGS_POST_NAMES",       "ARGS_COMBINED_SIZE",
    "QUERY_STRING",  "REQUEST_BASENAME",  "REQUEST_BODY",     "REQUEST_COOKIES",  "REQUEST_COOKIES_NAMES", "REQUEST_FILENAME",    "REQUEST_HEADERS",
    "REQUEST_HEADERS_NAMES", "REQUEST_LINE", "REQUEST_METHOD", "REQUEST_PROTOCOL", "REQUEST_URI",        "REQUEST_URI_RAW",       "REQBODY_ERROR",
    "REQBODY_PROCESSOR", "REQUEST_BODY_LENGTH", "FILES",      "FILES_NAMES",      "FILES_COMBINED_SIZE", "MULTIPART_PART_HEADERS", "MULTIPART_STRICT_ERROR",
    "XML:/*",        "XML://@*",          "REMOTE_ADDR"};

/// A transformation's rules see the digest of its result, so that any difference in it shows in one of them; a variable's
/// rule says how many of its members have a digest that begins with one of eight digits.
std::string made_rules() {
  std::string text;
  unsigned id = 2000;
  for (const char* const name : transformations) {
    const std::string digest = std::string(",t:none,t:") + name + ",t:sha1,t:hexEncode\"\n";
    for (const char* const half : {"^[02468ace]", "^.[0-7]"}) {
      text += std::string("SecRule REQUEST_HEADERS:X-Value \"@rx ") + half + "\" \"id:" + std::to_string(id++) + ",phase:2,pass,log" + digest;
    }
  }
  id = 3000;
  for (const char* const name : variables) {
    const std::string count = "tx.count" + std::to_string(id);
    text += std::string("SecRule ") + name + " \"@rx ^[0-7]\" \"id:" + std::to_string(id + 500) + ",phase:2,pass,nolog,t:none,t:sha1,t:hexEncode,setvar:" + count + "=+1\"\n";
    text += "SecRule REMOTE_ADDR \"@unconditionalMatch\" \"id:" + std::to_string(id++) + ",phase:2,pass,log,msg:'%{" + count + "}'\"\n";
  }
  return text;
}

std::string name_of(unsigned id) {
  if (id >= 2000 && id < 2000 + 2 * std::size(transformations)) return std::string("t:") + transformations[(id - 2000) / 2];
  if (id >= 3000 && id < 3000 + std::size(variables)) return variables[id - 3000];
  return "rule " + std::to_string(id);
}

/// What a request led to: the rules that matched, with their messages, and the status of the verdict.
struct Judged {
  std::map<unsigned, std::string> rules;
  int status{0};
};

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = static_cast<const peers::Request*>(context)->fields;
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

class Ours {
 public:
  explicit Ours(const std::string& rules) {
    filters::RuleSetOptions options;
    options.after.push_back({"made", made_rules()});
    auto loaded = filters::RuleSet::load_seclang({rules}, options);
    if (!loaded) {
      for (const auto& problem : loaded.error()) ADD_FAILURE() << filters::to_string(problem);
      return;
    }
    rules_ = *loaded;
    space_ = std::make_unique<filters::Workspace>(*rules_);
  }
  bool ready() const { return rules_ != nullptr; }

  Judged judge(const peers::Request& request) {
    filters::RequestView view;
    view.method = request.method;
    view.target = request.target;
    view.version = "HTTP/1.1";
    view.client_text = "192.0.2.7";
    view.client = *filters::parse_address("192.0.2.7");
    view.fields = {field_at, &request};
    filters::Inspection inspection(*rules_, *space_, nowhere_);
    filters::Decision decision = inspection.on_request_head(view, "1");
    if (decision.outcome == filters::Outcome::pass && !request.body.empty()) decision = inspection.on_request_body(request.body);
    if (decision.outcome == filters::Outcome::pass) decision = inspection.on_request_end();
    inspection.finish();
    Judged judged;
    judged.status = decision.outcome == filters::Outcome::pass ? 0 : decision.status;
    for (const filters::MatchedRule& match : inspection.matches()) {
      if (match.logged) judged.rules.emplace(match.id, match.message);
    }
    return judged;
  }

 private:
  std::shared_ptr<const filters::RuleSet> rules_;
  std::unique_ptr<filters::Workspace> space_;
  filters::Surroundings nowhere_;
};

Judged judge(peers::Libmodsecurity& theirs, const peers::Request& request) {
  const peers::Verdict verdict = theirs.inspect(request, true);
  Judged judged;
  judged.status = verdict.status;
  for (std::size_t i = 0; i < verdict.ids.size(); ++i) judged.rules.emplace(verdict.ids[i], verdict.messages[i]);
  return judged;
}

/// What an explanation may be limited to.
bool holds(const std::string& condition, const peers::Request& request) {
  const auto in_value = [&](auto&& test) {
    return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) { return field.first == "X-Value" && test(field.second); });
  };
  const auto of_type = [&](std::string_view type) {
    return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) { return field.first == "Content-Type" && field.second.starts_with(type); });
  };
  if (condition == "always") return true;
  if (condition == "the content is JSON") return of_type("application/json");
  if (condition == "the content is multipart") return of_type("multipart/");
  if (condition == "the content is multipart and does not end") return of_type("multipart/") && !request.body.ends_with("--cut--\r\n");
  if (condition == "the value holds a NUL") return in_value([](const std::string& value) { return value.find('\0') != std::string::npos; });
  if (condition == "the value holds a line feed") return in_value([](const std::string& value) { return value.find('\n') != std::string::npos; });
  if (condition == "the value is not ASCII") {
    return in_value([](const std::string& value) { return std::any_of(value.begin(), value.end(), [](char c) { return (c & 0x80) != 0; }); });
  }
  if (condition == "the value holds NBSP") return in_value([](const std::string& value) { return value.find('\xa0') != std::string::npos; });
  if (condition == "there are two values") {
    return std::count_if(request.fields.begin(), request.fields.end(), [](const auto& field) { return field.first == "X-Value"; }) > 1;
  }
  ADD_FAILURE() << "differences.yaml has an unknown condition: " << condition;
  return false;
}

/// What differences.yaml accepts: by what differs, under which conditions, and whether it was met with.
class Explained {
 public:
  explicit Explained(const std::string& file) {
    for (const auto& entry : YAML::LoadFile(file)["differences"]) {
      EXPECT_FALSE(entry["why"].as<std::string>().empty());
      const std::string when = entry["when"] ? entry["when"].as<std::string>() : "always";
      for (const auto& what : entry["what"]) entries_.push_back({what.as<std::string>(), when});
    }
  }
  bool accept(const std::string& what, const peers::Request& request) {
    bool accepted = false;
    for (Entry& entry : entries_) {
      if (entry.what != what || !holds(entry.when, request)) continue;
      accepted = entry.used = true;
    }
    return accepted;
  }
  std::size_t size() const { return entries_.size(); }
  void expect_all_used() const {
    for (const Entry& entry : entries_) EXPECT_TRUE(entry.used) << entry.what << " is explained (" << entry.when << ") but does not differ";
  }

 private:
  struct Entry {
    std::string what, when;
    bool used{false};
  };
  std::vector<Entry> entries_;
};

std::string shown(const peers::Request& request) {
  std::string text = request.method + " " + request.target;
  for (const auto& [name, value] : request.fields) text += "\n    " + name + ": " + value;
  text += "\n    " + request.body;
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr char hex[] = "0123456789abcdef";
    if ((byte < 0x20 && c != '\n') || byte >= 0x7f) {
      out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out;
}

/// What differs, and how.
std::vector<std::pair<std::string, std::string>> differences(const Judged& ours, const Judged& theirs) {
  // Behind a verdict that only one of them gave, they ran different rules.
  if (ours.status != theirs.status) {
    return {{"verdict", "ours " + std::to_string(ours.status) + ", theirs " + std::to_string(theirs.status)}};
  }
  std::vector<std::pair<std::string, std::string>> found;
  std::set<unsigned> ids;
  for (const auto& [id, message] : ours.rules) ids.insert(id);
  for (const auto& [id, message] : theirs.rules) ids.insert(id);
  for (const unsigned id : ids) {
    const auto mine = ours.rules.find(id), other = theirs.rules.find(id);
    if (mine == ours.rules.end()) {
      found.emplace_back(name_of(id), "only theirs");
    } else if (other == theirs.rules.end()) {
      found.emplace_back(name_of(id), "only ours");
    } else if (mine->second != other->second) {
      found.emplace_back(name_of(id), "ours says '" + mine->second + "', theirs '" + other->second + "'");
    }
  }
  return found;
}

TEST(Differential, judges_as_modsecurity_does_apart_from_what_is_explained) {
  const auto theirs = peers::Libmodsecurity::open();
  if (theirs == nullptr) GTEST_SKIP() << "libmodsecurity3 is not installed";
  const std::string rules = std::string(folder) + "rules.conf";
  Ours ours(rules);
  ASSERT_TRUE(ours.ready());
  ASSERT_EQ(theirs->add_file(rules), "");
  ASSERT_EQ(theirs->add_rules(made_rules()), "");

  Explained explained(std::string(folder) + "differences.yaml");
  std::map<std::string, int> unexplained;
  std::set<unsigned> seen;
  Generator generator(seed);
  int denied = 0, differing = 0;
  for (int i = 0; i < requests; ++i) {
    const peers::Request request = generator.request();
    const Judged mine = ours.judge(request);
    const auto found = differences(mine, judge(*theirs, request));
    differing += !found.empty();
    for (const auto& [what, how] : found) {
      if (explained.accept(what, request) || unexplained[what]++ != 0) continue;
      ADD_FAILURE() << what << " differs, " << how << ": " << shown(request);
    }
    for (const auto& [id, message] : mine.rules) seen.insert(id);
    denied += mine.status != 0;
  }
  for (const auto& [what, count] : unexplained) std::cout << what << " differs without an explanation in " << count << " requests\n";
  explained.expect_all_used();
  // A comparison of what never happens shows nothing.
  EXPECT_GT(seen.size(), 120u);
  EXPECT_GT(denied, 100);
  std::cout << requests << " requests, " << seen.size() << " rules matched, " << denied << " denied; " << differing
            << " differ in what " << explained.size() << " explanations cover\n";
}

}  // namespace
}  // namespace gatehouse::differential
