// The suite: from YAML to cases, and one case through the rules.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <regex>

#include "gateway/http1/request_scanner.hpp"
#include "tests/conformance/crs4/ftw.hpp"

namespace gatehouse::ftw {

namespace {

Message request_of(const YAML::Node& input) {
  if (input["encoded_request"]) return from_bytes(from_base64(input["encoded_request"].as<std::string>()));
  Message request;
  if (input["method"]) request.method = input["method"].as<std::string>();
  if (input["uri"]) request.target = input["uri"].as<std::string>();
  if (input["version"]) request.version = input["version"].as<std::string>();
  for (const auto& field : input["headers"]) {
    request.fields.emplace_back(field.first.as<std::string>(), field.second.IsNull() ? "" : field.second.as<std::string>());
  }
  if (input["data"]) request.body = input["data"].as<std::string>();
  complete(request, !input["autocomplete_headers"] || input["autocomplete_headers"].as<bool>());
  return request;
}

Expectation expectation_of(const YAML::Node& output) {
  Expectation expected;
  if (output["status"]) expected.status = output["status"].as<int>();
  const YAML::Node log = output["log"];
  if (!log) return expected;
  for (const auto& id : log["expect_ids"]) expected.ids.push_back(id.as<unsigned>());
  for (const auto& id : log["no_expect_ids"]) expected.absent_ids.push_back(id.as<unsigned>());
  if (log["match_regex"]) expected.match = log["match_regex"].as<std::string>();
  if (log["no_match_regex"]) expected.absent_match = log["no_match_regex"].as<std::string>();
  return expected;
}

std::map<std::string, Expectation> overrides_of(const std::string& path) {
  std::map<std::string, Expectation> overrides;
  for (const auto& entry : YAML::LoadFile(path)["test_overrides"]) {
    for (const auto& id : entry["test_ids"]) {
      overrides[entry["rule_id"].as<std::string>() + "-" + id.as<std::string>()] = expectation_of(entry["output"]);
    }
  }
  return overrides;
}

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const Fields& fields = *static_cast<const Fields*>(context);
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

/// What the reflecting origin answers.
struct Response {
  std::uint16_t status{200};
  Fields fields;
  std::string body;
};

std::optional<YAML::Node> wish_of(const Message& request) {
  if (request.target.rfind("/reflect", 0) != 0) return std::nullopt;
  try {
    YAML::Node wish = YAML::Load(request.body);
    return wish.IsMap() ? std::optional(wish) : std::nullopt;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

Response answer(const Message& request) {
  Response response;
  const auto wish = wish_of(request);
  if (!wish) return response;
  const YAML::Node& wanted = *wish;
  if (wanted["status"]) response.status = wanted["status"].as<std::uint16_t>();
  if (wanted["body"]) response.body = wanted["body"].as<std::string>();
  if (wanted["encodedBody"]) response.body = from_base64(wanted["encodedBody"].as<std::string>());
  for (const auto& field : wanted["headers"]) {
    response.fields.emplace_back(field.first.as<std::string>(), field.second.as<std::string>());
  }
  if (find(response.fields, "content-type") == nullptr) {
    const bool html = response.body.rfind("<html", 0) == 0 || response.body.rfind("<!DOCTYPE", 0) == 0;
    response.fields.emplace_back("Content-Type", html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
  }
  return response;
}

/// Text of a log line: what cannot be printed is written in hex, as servers do.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
    out += c >= ' ' && c <= '~' ? std::string(1, c) : std::string(hex);
  }
  return out;
}

std::string log_of(std::span<const filters::MatchedRule> matches) {
  std::string log;
  for (const filters::MatchedRule& match : matches) {
    if (!match.logged) continue;
    log += "[id \"" + std::to_string(match.id) + "\"] [msg \"" + printable(match.message) + "\"] [data \"" +
           printable(match.data) + "\"] [on \"" + printable(match.variable) + "\"]\n";
  }
  return log;
}

/// The log of one exchange, in the form test tools read.
std::string inspected(Message message, const filters::RuleSet& rules, filters::Workspace& space) {
  static const filters::Surroundings nowhere;
  receive(message);
  filters::Inspection inspection(rules, space, nowhere);
  filters::RequestView request;
  request.method = message.method;
  request.target = message.target;
  request.version = message.version;
  const std::string line = message.method + ' ' + message.target + ' ' + message.version;
  request.line = line;
  request.client_text = "127.0.0.1";
  request.client = *filters::parse_address("127.0.0.1");
  request.fields = {field_at, &message.fields};
  inspection.on_request_head(request, "4f2d8a10c3");
  if (inspection.wants_request_body() && !message.body.empty()) inspection.on_request_body(message.body);
  inspection.on_request_end();
  const Response reply = answer(message);
  inspection.on_response_head({reply.status, "HTTP/1.1", {field_at, &reply.fields}});
  if (inspection.wants_response_body()) inspection.on_response_body(reply.body);
  inspection.on_response_end();
  inspection.finish();
  return log_of(inspection.matches());
}

/// Whether a server refuses the request before any rule sees it.
bool refused(const Message& message) {
  const auto request = std::make_unique<http::Request>();
  http1::RequestScanner scanner;
  const std::string bytes = to_bytes(message);
  const http1::Scan scan = scanner.scan({bytes.data(), bytes.size()}, {}, *request);
  return !scan.need_more() && !scan.complete();
}

std::string check(const Expectation& expected, const std::string& log) {
  std::string problem;
  const auto has = [&](unsigned id) { return log.find("[id \"" + std::to_string(id) + "\"]") != std::string::npos; };
  for (const unsigned id : expected.ids) {
    if (!has(id)) problem += " expected " + std::to_string(id);
  }
  for (const unsigned id : expected.absent_ids) {
    if (has(id)) problem += " unexpected " + std::to_string(id);
  }
  const auto finds = [&](const std::string& expression) { return std::regex_search(log, std::regex(expression)); };
  if (!expected.match.empty() && !finds(expected.match)) problem += " no " + expected.match;
  if (!expected.absent_match.empty() && finds(expected.absent_match)) problem += " found " + expected.absent_match;
  return problem.empty() ? problem : problem + "\n" + log;
}

}  // namespace

std::vector<Case> load(const std::string& folder, const std::string& overrides) {
  const auto changed = overrides_of(overrides);
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const std::string& file : files) {
    const YAML::Node document = YAML::LoadFile(file);
    const std::string rule = std::filesystem::path(file).stem();
    for (const auto& node : document["tests"]) {
      Case test;
      test.name = rule + "-" + node["test_id"].as<std::string>();
      for (const auto& stage : node["stages"]) {
        test.stages.push_back({request_of(stage["input"]), expectation_of(stage["output"])});
        if (const auto other = changed.find(test.name); other != changed.end()) test.stages.back().expected = other->second;
      }
      cases.push_back(std::move(test));
    }
  }
  return cases;
}

std::string run(const Case& test, const filters::RuleSet& rules, filters::Workspace& space) {
  std::string problem;
  for (const Stage& stage : test.stages) {
    if (stage.expected.status >= 400) {
      if (!refused(stage.request)) problem += " not refused";
    } else {
      problem += check(stage.expected, inspected(stage.request, rules, space));
    }
  }
  return problem;
}

}  // namespace gatehouse::ftw
