/* The C API as C programs see it: C11, every warning an error. One check a line of output; the exit code is how many
 * failed. */
#include <gatehouse_filters.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
  printf("%s %s\n", holds ? "ok" : "FAILED", what);
  if (!holds) ++failures;
}

static gh_text text(const char* zero_terminated) {
  gh_text out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

static int is(gh_text got, const char* wanted) { return got.size == strlen(wanted) && memcmp(got.data, wanted, got.size) == 0; }

static uint64_t clock_of(void* context) { return *(uint64_t*)context; }

static const char rules_text[] =
    "SecRuleEngine On\nSecRequestBodyAccess On\nSecResponseBodyAccess On\nSecResponseBodyMimeType text/plain\n"
    "SecRule ARGS \"@contains evil\" \"id:1,phase:2,deny,status:406,log,msg:'Evil',severity:CRITICAL,setvar:tx.score=+5\"\n"
    "SecRule REQUEST_FILENAME \"@streq /old\" \"id:2,phase:1,redirect:https://example.com/\"\n"
    "SecRule RESPONSE_BODY \"@contains secret\" \"id:3,phase:4,deny,status:500,log,msg:'Leak'\"\n";

static gh_rule_set* load(const char* rules) {
  gh_load_options options = {NULL, 0, text(rules), {NULL, 0}, NULL};
  gh_rule_set* out = NULL;
  gh_error* error = NULL;
  if (gh_rule_set_load(&options, &out, &error) != GH_OK) gh_error_free(error);
  return out;
}

static void errors(void) {
  gh_load_options options = {NULL, 0, text("SecRool x\nSecRule ARGS \"@rx (\" \"id:1,phase:2,deny\"\n"), {NULL, 0}, NULL};
  gh_rule_set* rules = NULL;
  gh_error* error = NULL;
  expect(gh_rule_set_load(&options, &rules, &error) == GH_FAILED && rules == NULL, "wrong rules are refused");
  expect(gh_error_count(error) >= 2, "with all that is wrong");
  expect(strstr(gh_error_message(error, 0), "before:1:") != NULL, "and its place");
  expect(gh_error_message(error, 99) == NULL, "and no message beyond the last");
  gh_error_free(error);
  expect(gh_rule_set_load(&options, &rules, NULL) == GH_FAILED, "nobody has to ask why");
  expect(gh_rule_set_load(NULL, &rules, NULL) == GH_MISUSED, "options are needed");
  const char* missing[1] = {"/nowhere/rules.conf"};
  gh_load_options files = {missing, 1, {NULL, 0}, {NULL, 0}, NULL};
  expect(gh_rule_set_load(&files, &rules, &error) == GH_FAILED && gh_error_count(error) == 1, "a missing file is a problem");
  gh_error_free(error);
  gh_error_free(NULL);
  gh_rule_set_free(NULL);
  gh_workspace_free(NULL);
  gh_inspection_free(NULL);
  expect(gh_workspace_new(NULL, NULL, NULL) == GH_MISUSED, "a workspace needs rules");
}

/* One request with a response. */
static void exchange(const gh_rule_set* rules, gh_workspace* workspace) {
  uint64_t now = 1700000000000000u;
  gh_clock clock = {clock_of, &now};
  gh_inspection* inspection = NULL;
  gh_decision decision;
  expect(gh_inspection_new(rules, workspace, &clock, &inspection, NULL) == GH_OK, "an inspection begins");
  gh_field fields[2] = {{text("Host"), text("h")}, {text("Content-Type"), text("application/x-www-form-urlencoded")}};
  gh_request request = {text("POST"), text("/form?a=1"), text("HTTP/1.1"), text("192.0.2.7"), text("r-1"), fields, 2};
  expect(gh_inspection_request_head(inspection, &request, &decision) == GH_OK && decision.outcome == GH_PASS, "the head passes");
  expect(gh_inspection_wants_request_body(inspection), "the content is wanted");
  gh_inspection_request_body(inspection, text("b=go"), &decision);
  gh_inspection_request_body(inspection, text("od"), &decision);
  gh_inspection_request_end(inspection, &decision);
  expect(decision.outcome == GH_PASS && gh_inspection_match_count(inspection) == 0, "harmless content passes");
  gh_field type[1] = {{text("Content-Type"), text("text/plain")}};
  gh_response response = {200, text("HTTP/1.1"), type, 1};
  gh_inspection_response_head(inspection, &response, &decision);
  expect(decision.outcome == GH_PASS && gh_inspection_wants_response_body(inspection), "the response's content is wanted");
  gh_inspection_response_body(inspection, text("a sec"), &decision);
  gh_inspection_response_body(inspection, text("ret"), &decision);
  gh_inspection_response_end(inspection, &decision);
  expect(decision.outcome == GH_DENY && decision.status == 500 && decision.rule_id == 3 && decision.phase == 4, "a leak is found over two pieces");
  expect(gh_inspection_finish(inspection) == GH_OK, "it finishes");
  gh_inspection_free(inspection);
}

static void attack(const gh_rule_set* rules, gh_workspace* workspace) {
  gh_inspection* inspection = NULL;
  gh_decision decision;
  gh_match match;
  gh_inspection_new(rules, workspace, NULL, &inspection, NULL);
  gh_request request = {text("GET"), text("/?q=an%20evil"), text("HTTP/1.1"), text("2001:db8::1"), {NULL, 0}, NULL, 0};
  gh_inspection_request_head(inspection, &request, &decision);
  gh_inspection_request_end(inspection, &decision);
  expect(decision.outcome == GH_DENY && decision.status == 406 && decision.rule_id == 1, "an attack is denied");
  expect(gh_inspection_match_count(inspection) == 1 && gh_inspection_match(inspection, 0, &match) == GH_OK, "with its match");
  expect(is(match.variable, "ARGS:q") && is(match.value, "an evil") && is(match.message, "Evil") && match.severity == 2, "which says on what");
  expect(gh_inspection_match(inspection, 1, &match) == GH_MISUSED, "and there is no second one");
  expect(is(gh_inspection_variable(inspection, text("score")), "5"), "variables can be read");
  expect(gh_inspection_detected(inspection, &decision) == GH_OK && decision.rule_id == 1, "and what was detected");
  gh_inspection_finish(inspection);
  gh_inspection_free(inspection);
}

static void redirect(const gh_rule_set* rules, gh_workspace* workspace) {
  gh_inspection* inspection = NULL;
  gh_decision decision;
  gh_inspection_new(rules, workspace, NULL, &inspection, NULL);
  gh_request request = {text("GET"), text("/old"), text("HTTP/1.1"), text("not an address"), {NULL, 0}, NULL, 0};
  gh_inspection_request_head(inspection, &request, &decision);
  expect(decision.outcome == GH_REDIRECT && is(decision.location, "https://example.com/"), "a redirect has its location");
  gh_inspection_free(inspection);
}

int main(void) {
  errors();
  gh_rule_set* rules = load(rules_text);
  expect(rules != NULL, "rules load from text");
  if (rules == NULL) return 1;
  expect(gh_rule_set_rule_count(rules) == 3 && gh_rule_set_looks_at_responses(rules), "they are counted");
  gh_workspace* workspace = NULL;
  expect(gh_workspace_new(rules, &workspace, NULL) == GH_OK, "a workspace is made");
  exchange(rules, workspace);
  attack(rules, workspace);
  redirect(rules, workspace);
  gh_workspace_free(workspace);
  gh_rule_set_free(rules);
  return failures;
}
