// Reading go-ftw's YAML: tests, overrides, and what its reflecting origin is asked for.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/cli/waf_ftw.hpp"

namespace gatehouse::cli {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";

std::string percent_encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

/// The runner encodes form data that holds nothing encoded yet, pair by pair.
std::string encoded_form(const std::string& data) {
  if (data.find_first_of("+%") != std::string::npos) return data;
  std::string out;
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t end = std::min(data.find('&', at), data.size());
    const std::string pair = data.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (!out.empty()) out += '&';
    out += percent_encoded(pair.substr(0, equals));
    if (equals != std::string::npos) out += '=' + percent_encoded(pair.substr(equals + 1));
    at = end + 1;
  }
  return out;
}

/// What the runner does to a request that is not given as bytes: form encoding, line ends, missing fields.
void complete(WafRequest& request, bool add_fields) {
  if (!request.body.empty() && add_fields) {
    if (request.find("content-type") == nullptr) request.fields.emplace_back("Content-Type", form_type);
    if (*request.find("content-type") == form_type) request.body = encoded_form(request.body);
  }
  const std::string* const type = request.find("content-type");
  if (type != nullptr && type->starts_with("multipart/form-data;")) {
    std::string lines;
    for (const char c : request.body) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
    request.body = lines;
  }
  if (!add_fields) return;
  if (request.find("connection") == nullptr) request.fields.emplace_back("Connection", "close");
  const bool has_content = request.method.starts_with("POST") || request.method == "PUT" || request.method == "PATCH" || request.method == "DELETE";
  if ((!request.body.empty() || has_content) && request.find("content-length") == nullptr) {
    request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
  }
}

std::string text_or(const YAML::Node& node, const std::string& otherwise) {
  return node && !node.IsNull() ? node.as<std::string>() : otherwise;
}

WafRequest request_of(const YAML::Node& input) {
  WafRequest request;
  if (input["encoded_request"]) {
    const std::string raw = base64_decoded(input["encoded_request"].as<std::string>());
    if (const auto parsed = parse_raw_request(raw)) request = *parsed;
    scan_strictly(raw, request);
    return request;
  }
  request.method = text_or(input["method"], "GET");
  request.target = text_or(input["uri"], "/");
  request.version = text_or(input["version"], "HTTP/1.1");
  for (const auto& field : input["headers"]) request.fields.emplace_back(field.first.as<std::string>(), text_or(field.second, ""));
  request.body = text_or(input["data"], "");
  bool add_fields = !input["autocomplete_headers"] || input["autocomplete_headers"].as<bool>();
  if (input["stop_magic"]) add_fields = !input["stop_magic"].as<bool>();  // its name in older files
  complete(request, add_fields);
  // Content counts as far as it is framed (RFC 9112 6.3).
  const std::string* const length = request.find("content-length");
  scan_strictly(request.raw(), request);
  if (length != nullptr) {
    request.body.resize(std::min<std::size_t>(request.body.size(), std::strtoul(length->c_str(), nullptr, 10)));
  } else {
    request.body = request.find("transfer-encoding") != nullptr ? request.body : "";
  }
  return request;
}

std::vector<unsigned> ids_of(const YAML::Node& list) {
  std::vector<unsigned> ids;
  for (const auto& id : list) ids.push_back(id.as<unsigned>());
  return ids;
}

FtwExpectation expectation_of(const YAML::Node& output) {
  FtwExpectation expected;
  if (!output) return expected;
  if (output["status"]) expected.status = output["status"].IsSequence() ? output["status"][0].as<int>() : output["status"].as<int>();
  if (output["expect_error"]) expected.error = output["expect_error"].as<bool>();
  const YAML::Node log = output["log"];
  if (!log) return expected;
  expected.ids = ids_of(log["expect_ids"]);
  expected.absent_ids = ids_of(log["no_expect_ids"]);
  expected.match = text_or(log["match_regex"], "");
  expected.no_match = text_or(log["no_match_regex"], "");
  return expected;
}

void load_file(const std::string& file, std::vector<FtwTest>& tests) {
  const YAML::Node document = YAML::LoadFile(file);
  const std::string rule = text_or(document["rule_id"], std::filesystem::path(file).stem());
  for (const auto& node : document["tests"]) {
    FtwTest test;
    test.rule = rule;
    test.file = file;
    test.id = text_or(node["test_id"], text_or(node["test_title"], std::to_string(tests.size())));
    test.description = text_or(node["desc"], "");
    for (const auto& each : node["stages"]) {
      const YAML::Node stage = each["stage"] ? each["stage"] : each;  // older files have one level more
      test.stages.push_back({request_of(stage["input"]), expectation_of(stage["output"])});
    }
    tests.push_back(std::move(test));
  }
}

std::vector<std::string> files_below(const std::string& name) {
  std::vector<std::string> files;
  std::error_code error;
  if (!std::filesystem::is_directory(name, error)) return {name};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(name, error)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<FtwTest> load_ftw(const std::vector<std::string>& names, std::string& problems) {
  std::vector<FtwTest> tests;
  for (const std::string& name : names) {
    for (const std::string& file : files_below(name)) {
      try {
        load_file(file, tests);
      } catch (const YAML::Exception& problem) {
        problems += file + ": " + problem.what() + "\n";
      }
    }
  }
  return tests;
}

std::string FtwOverrides::load(const std::string& file) {
  try {
    const YAML::Node document = YAML::LoadFile(file);
    for (const auto& node : document["test_overrides"]) {
      Entry entry;
      entry.rule = node["rule_id"].as<std::string>();
      for (const auto& id : node["test_ids"]) entry.tests.insert(id.as<std::string>());
      entry.what.reason = text_or(node["reason"], "");
      if (node["expect_failure"]) entry.what.expect_failure = node["expect_failure"].as<bool>();
      if (node["output"]) entry.what.expected = expectation_of(node["output"]);
      entries_.push_back(std::move(entry));
    }
    // The runner's own configuration names tests that are left out: `testoverride: { ignore: { 920100-4: why } }`.
    const YAML::Node changes = document["testoverride"];
    const YAML::Node ignored = changes ? changes["ignore"] : YAML::Node();
    for (const auto& node : ignored) {
      const std::string name = node.first.as<std::string>();
      const std::size_t dash = name.find('-');
      Entry entry;
      entry.rule = name.substr(0, dash);
      if (dash != std::string::npos) entry.tests.insert(name.substr(dash + 1));
      entry.what.reason = text_or(node.second, "");
      entry.what.ignore = true;
      entries_.push_back(std::move(entry));
    }
  } catch (const YAML::Exception& problem) {
    return file + ": " + problem.what();
  }
  return {};
}

WafResponse reflected(const WafRequest& request) {
  WafResponse response;
  if (!request.target.starts_with("/reflect")) return response;
  try {
    const YAML::Node wanted = YAML::Load(request.body);
    if (!wanted.IsMap()) return response;
    if (wanted["status"]) response.status = wanted["status"].as<std::uint16_t>();
    response.body = text_or(wanted["body"], "");
    if (wanted["encodedBody"]) response.body = base64_decoded(wanted["encodedBody"].as<std::string>());
    for (const auto& field : wanted["headers"]) response.fields.emplace_back(field.first.as<std::string>(), field.second.as<std::string>());
  } catch (const YAML::Exception&) {
    response.status = 400;
    return response;
  }
  const auto typed = [](const auto& field) { return field.first == "Content-Type" || field.first == "content-type"; };
  if (std::ranges::none_of(response.fields, typed)) {
    // As Go's HTTP server, which guesses.
    const bool html = response.body.starts_with("<html") || response.body.starts_with("<!DOCTYPE");
    response.fields.emplace_back("Content-Type", html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
  }
  return response;
}

}  // namespace gatehouse::cli
