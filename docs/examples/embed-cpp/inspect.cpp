// The smallest use of the C++ API: shows one request to rules, prints which rule matched on what, and the verdict.
//   inspect RULES TARGET [BODY]      RULES is a file or a glob; BODY is sent as form data
#include <gatehouse/filters/inspection.hpp>
#include <gatehouse/filters/match_trail.hpp>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace filters = gatehouse::filters;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// How the library reaches a host's fields: by number, without copies.
bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = *static_cast<const Fields*>(context);
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

bool stops(const filters::Decision& decision) {
  return decision.outcome != filters::Outcome::pass && decision.outcome != filters::Outcome::allow;
}

filters::Decision judge(filters::Inspection& inspection, const filters::RequestView& request, const std::string& body) {
  filters::Decision decision = inspection.on_request_head(request, "example");
  if (!stops(decision) && inspection.wants_request_body() && !body.empty()) decision = inspection.on_request_body(body);
  if (!stops(decision)) decision = inspection.on_request_end();
  inspection.finish();
  return decision;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: inspect RULES TARGET [BODY]\n";
    return 2;
  }
  filters::RuleSetOptions options;
  options.before.push_back({"inspect", "SecRuleEngine On\nSecRequestBodyAccess On\n"});
  const auto rules = filters::RuleSet::load_seclang({argv[1]}, options);
  if (!rules) {
    for (const filters::Problem& problem : rules.error()) std::cerr << filters::to_string(problem) << '\n';
    return 2;
  }

  const std::string body = argc > 3 ? argv[3] : "";
  Fields fields{{"Host", "localhost"}, {"User-Agent", "inspect"}};
  if (!body.empty()) {
    fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    fields.emplace_back("Content-Length", std::to_string(body.size()));
  }
  filters::RequestView request;
  request.method = body.empty() ? "GET" : "POST";
  request.target = argv[2];
  request.version = "HTTP/1.1";
  request.client_text = "192.0.2.1";
  request.client = *filters::parse_address(request.client_text);
  request.fields = {&field_at, &fields};

  filters::Workspace space(**rules);  // one for each thread
  const filters::Surroundings surroundings;
  filters::Inspection inspection(**rules, space, surroundings);
  filters::MatchTrail trail;  // leave it out where nobody asks why
  inspection.observe(trail);
  const filters::Decision decision = judge(inspection, request, body);

  for (const auto& entry : trail.entries()) {
    if (!entry.matched || entry.conditions.empty()) continue;
    std::cout << "rule " << entry.rule.id << " on " << entry.conditions.back().variable << ": " << entry.message << '\n';
  }
  std::cout << (stops(decision) ? "blocked" : "passed");
  if (stops(decision)) std::cout << " with " << decision.status << " by rule " << decision.rule_id;
  std::cout << '\n';
  return stops(decision) ? 1 : 0;
}
