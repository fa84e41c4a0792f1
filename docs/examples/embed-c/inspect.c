/* The smallest use of the C API: shows one request to rules and prints the verdict.
 *   inspect RULES TARGET [BODY]      RULES is a file or a glob; BODY is sent as form data */
#include <stdio.h>
#include <string.h>

#include <gatehouse_filters.h>

static gh_text text(const char* zero_terminated) {
  gh_text out = {zero_terminated, strlen(zero_terminated)};
  return out;
}

static int explain(gh_status status, gh_error* error) {
  fprintf(stderr, "status %d\n", (int)status);
  for (size_t i = 0; i < gh_error_count(error); ++i) fprintf(stderr, "%s\n", gh_error_message(error, i));
  gh_error_free(error);
  return 2;
}

/* Shows the request; stops at the first decision, as a proxy would. */
static gh_decision judge(gh_inspection* inspection, const gh_request* request, const char* body) {
  gh_decision decision = {GH_PASS, 0, 0, 0, {NULL, 0}};
  gh_inspection_request_head(inspection, request, &decision);
  if (decision.outcome == GH_PASS && body != NULL && gh_inspection_wants_request_body(inspection)) {
    gh_inspection_request_body(inspection, text(body), &decision);
  }
  if (decision.outcome == GH_PASS) gh_inspection_request_end(inspection, &decision);
  gh_inspection_finish(inspection);
  return decision;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: inspect RULES TARGET [BODY]\n");
    return 2;
  }
  const char* files[1] = {argv[1]};
  gh_load_options options = {files, 1, text("SecRuleEngine On\nSecRequestBodyAccess On\n"), {NULL, 0}, NULL};
  gh_rule_set* rules = NULL;
  gh_workspace* workspace = NULL;
  gh_inspection* inspection = NULL;
  gh_error* error = NULL;
  gh_status status = gh_rule_set_load(&options, &rules, &error);
  if (status == GH_OK) status = gh_workspace_new(rules, &workspace, &error);
  if (status == GH_OK) status = gh_inspection_new(rules, workspace, NULL, &inspection, &error);
  if (status != GH_OK) return explain(status, error);

  const char* body = argc > 3 ? argv[3] : NULL;
  char length[32];
  snprintf(length, sizeof length, "%zu", body != NULL ? strlen(body) : 0);
  gh_field fields[4] = {{text("Host"), text("localhost")},
                        {text("User-Agent"), text("inspect")},
                        {text("Content-Type"), text("application/x-www-form-urlencoded")},
                        {text("Content-Length"), text(length)}};
  gh_request request = {text(body != NULL ? "POST" : "GET"), text(argv[2]), text("HTTP/1.1"), text("192.0.2.1"),
                        text("example"), fields, body != NULL ? 4u : 2u};
  gh_decision decision = judge(inspection, &request, body);

  for (size_t i = 0; i < gh_inspection_match_count(inspection); ++i) {
    gh_match match;
    if (gh_inspection_match(inspection, i, &match) != GH_OK) continue;
    printf("rule %u on %.*s: %.*s\n", (unsigned)match.rule_id, (int)match.variable.size, match.variable.data,
           (int)match.message.size, match.message.data);
  }
  const int blocked = decision.outcome != GH_PASS && decision.outcome != GH_ALLOW;
  printf("%s", blocked ? "blocked" : "passed");
  if (blocked) printf(" with %u by rule %u", (unsigned)decision.status, (unsigned)decision.rule_id);
  printf("\n");

  gh_inspection_free(inspection);
  gh_workspace_free(workspace);
  gh_rule_set_free(rules);
  return blocked ? 1 : 0;
}
