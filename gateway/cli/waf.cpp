#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_verbs.hpp"

namespace gatehouse::cli {

void add_waf(Verb above) {
  Verb waf = above.verb("waf", "Work with the rules of web ACLs: test, explain, profile, serve");
  waf.needs_verb();
  add_waf_test(waf);
  add_waf_explain(waf);
  add_waf_profile(waf);
  add_waf_serve(waf);
}

}  // namespace gatehouse::cli
