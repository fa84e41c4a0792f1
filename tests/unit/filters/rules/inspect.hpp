// Rules and requests for tests: a rule set from text, and one request through it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gatehouse/filters/inspection.hpp"
#include "gatehouse/filters/match_trail.hpp"

namespace gatehouse::filters::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline bool field_at(const void* context, std::uint32_t i, FieldView& field) noexcept {
  const auto& fields = *static_cast<const Fields*>(context);
  if (i >= fields.size()) return false;
  field = {fields[i].first, fields[i].second};
  return true;
}

struct Request {
  std::string method = "GET";
  std::string target = "/";
  Fields fields;
  std::string body;
};

inline RequestView view_of(const Request& request) {
  RequestView view;
  view.method = request.method;
  view.target = request.target;
  view.version = "HTTP/1.1";
  view.client_text = "192.0.2.7";
  view.client = *parse_address("192.0.2.7");
  view.fields = {field_at, &request.fields};
  return view;
}

/// The rules with the engine and body access on; fails the test when they do not load.
inline std::shared_ptr<const RuleSet> load(const std::string& text) {
  RuleSetOptions options;
  options.before.push_back({"before.conf", "SecRuleEngine On\nSecRequestBodyAccess On\n"});
  options.before.push_back({"test.conf", text});
  auto rules = RuleSet::load_seclang({}, options);
  if (!rules) {
    for (const Problem& problem : rules.error()) ADD_FAILURE() << to_string(problem);
    return nullptr;
  }
  return *rules;
}

/// Runs both request phases, stopping at a decision as a host would.
inline Decision inspect(Inspection& inspection, const Request& request) {
  Decision decision = inspection.on_request_head(view_of(request), "id");
  if (decision.outcome != Outcome::pass) return decision;
  if (!request.body.empty()) decision = inspection.on_request_body(request.body);
  return decision.outcome == Outcome::pass ? inspection.on_request_end() : decision;
}

}  // namespace gatehouse::filters::test
