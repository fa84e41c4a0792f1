// gatehouse waf explain: shows requests to rules and says which matched, on what, and why the verdict.
#include <iostream>

#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_explanation.hpp"
#include "gateway/cli/waf_rules.hpp"
#include "gateway/cli/waf_traffic.hpp"
#include "gateway/cli/waf_verbs.hpp"

namespace gatehouse::cli {
namespace {

struct WafExplainOptions {
  WafRuleOptions rules;
  TrafficOptions traffic;
  std::string format{"text"};
  bool all{false};
};

int explain(const WafExplainOptions& options) {
  const auto traffic = read_traffic(options.traffic);
  if (!traffic) {
    std::cerr << "gatehouse: " << traffic.error() << '\n';
    return 1;
  }
  const LoadedRules rules = load_rules(options.rules);
  if (rules.rules == nullptr) return 1;
  const bool json = options.format == "json";
  filters::Workspace space(*rules.rules);
  const filters::Surroundings nowhere;
  bool blocked = false;
  for (const WafExchange& exchange : *traffic) {
    filters::MatchTrail trail;
    filters::Inspection inspection(*rules.rules, space, nowhere);
    inspection.observe(trail);
    Explanation explanation{exchange.request, trail, {}, {}, exchange.has_response};
    explanation.decision = inspect(inspection, exchange.request, exchange.has_response ? &exchange.response : nullptr);
    inspection.finish();
    explanation.detected = inspection.detected();
    blocked = blocked || verdict_of(explanation) == "block";
    if (json) {
      std::cout << explanation_json(explanation) << '\n';  // one document a line, as logs have them
    } else {
      std::cout << explanation_text(explanation, options.all) << (traffic->size() > 1 ? "\n" : "");
    }
  }
  return blocked ? 1 : 0;
}

}  // namespace

void add_waf_explain(Verb above) {
  auto options = std::make_shared<WafExplainOptions>();
  Verb verb = above.verb("explain", "Say which rules a request meets, on what, and why it is blocked or not");
  add_rule_options(verb, options->rules);
  add_traffic_options(verb, options->traffic);
  verb.format_option(options->format);
  verb.flag("-a,--all", options->all, "Show rules that are not logged too, and every variable they change");
  verb.footer("Requests come from files (raw HTTP, or HAR as browsers save it), or from a URL with curl's options.\n"
               "Exit code 1 when a request is blocked.\n"
               "Examples:\n"
               "  gatehouse waf explain -c gatehouse.yaml '/search?q=1%27+or+1=1--'\n"
               "  gatehouse waf explain -r crs-setup.conf -r 'rules/*.conf' -X POST -d 'name=<script>' http://shop/login\n"
               "  gatehouse waf explain -c gatehouse.yaml --request blocked.http\n");
  verb.does([options] { return explain(*options); });
}

}  // namespace gatehouse::cli
