// gatehouse waf: what can be done with rules without a running gateway. Each verb adds itself below `waf`, prints to the
// standard output and gives the exit code: 0 ok, 1 something failed or was blocked, 2 usage.
#pragma once

namespace gatehouse::cli {

class Verb;

/// Adds `waf` with all its verbs.
void add_waf(Verb above);

void add_waf_test(Verb above);
void add_waf_explain(Verb above);
void add_waf_profile(Verb above);
void add_waf_serve(Verb above);

}  // namespace gatehouse::cli
