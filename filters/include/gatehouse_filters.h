/* C API of gatehouse-filters: rules in ModSecurity's language over requests and responses that a host program hands in.
 *
 * Objects are opaque. Whoever makes one frees it with the function named at the function that made it; freeing NULL does
 * nothing. Text is a pointer with a length, never assumed to end with a zero, and never taken over: what is handed in
 * must stay valid as long as its function says, and what is handed out as long as its own says. Functions that can fail
 * return a gh_status; with an `error` argument that is not NULL they store why there, for gh_error_free(). No exception
 * leaves the library.
 *
 * A gh_rule_set is immutable and may be used by all threads at once. A gh_workspace and the inspections made with it
 * belong to one thread at a time.
 */
#ifndef GATEHOUSE_FILTERS_H
#define GATEHOUSE_FILTERS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GH_FILTERS_VERSION_MAJOR 0
#define GH_FILTERS_VERSION_MINOR 1

typedef struct gh_error gh_error;
typedef struct gh_rule_set gh_rule_set;
typedef struct gh_workspace gh_workspace;
typedef struct gh_inspection gh_inspection;

typedef enum gh_status {
  GH_OK = 0,
  GH_FAILED = 1,        /* the error says why */
  GH_OUT_OF_MEMORY = 2,
  GH_MISUSED = 3        /* a pointer that must not be NULL is, or steps came in the wrong order */
} gh_status;

/* Bytes with their number. An empty text may have a NULL pointer. */
typedef struct gh_text {
  const char* data;
  size_t size;
} gh_text;

typedef struct gh_field {
  gh_text name;
  gh_text value;
} gh_field;

/* ---- errors ---- */

/* How many problems there are, and one of them as `file:line:column: message (hint)`, terminated by a zero. The text
 * lives as long as the error. NULL for an index beyond the last. */
size_t gh_error_count(const gh_error* error);
const char* gh_error_message(const gh_error* error, size_t index);
void gh_error_free(gh_error* error);

/* ---- rules ---- */

typedef struct gh_load_options {
  const char* const* files;   /* names or globs, read in this order; each terminated by a zero */
  size_t file_count;
  gh_text before;             /* rule text read before the files; may be empty */
  gh_text after;              /* rule text read after them; may be empty */
  const char* cache_folder;   /* where compiled patterns are kept; NULL or "": nowhere, loading takes seconds each time */
} gh_load_options;

/* Loads and compiles rules. All views in the options need to live only for the call. Everything that is wrong comes at
 * once. Free with gh_rule_set_free(), after all inspections and workspaces that use the set. */
gh_status gh_rule_set_load(const gh_load_options* options, gh_rule_set** out, gh_error** error);
void gh_rule_set_free(gh_rule_set* rules);
size_t gh_rule_set_rule_count(const gh_rule_set* rules);
/* Whether some rule looks at responses: only then they need to be handed over. */
int gh_rule_set_looks_at_responses(const gh_rule_set* rules);

/* What one thread needs for its inspections. Free with gh_workspace_free(), after them. */
gh_status gh_workspace_new(const gh_rule_set* rules, gh_workspace** out, gh_error** error);
void gh_workspace_free(gh_workspace* workspace);

/* ---- inspections ---- */

typedef enum gh_outcome {
  GH_PASS = 0,
  GH_DENY = 1,      /* answer with the status */
  GH_DROP = 2,      /* close the connection */
  GH_REDIRECT = 3,  /* answer with the status and the location */
  GH_ALLOW = 4      /* let it through without looking further */
} gh_outcome;

typedef struct gh_decision {
  gh_outcome outcome;
  uint16_t status;
  uint8_t phase;      /* 1 to 5; 0: none */
  uint32_t rule_id;   /* 0: a limit decided */
  gh_text location;   /* lives as long as the inspection */
} gh_decision;

typedef struct gh_request {
  gh_text method;     /* "GET" */
  gh_text target;     /* the request target as received, with its query */
  gh_text version;    /* "HTTP/1.1" */
  gh_text client;     /* the client's address as text */
  gh_text unique_id;  /* the host's name for the request; may be empty */
  const gh_field* fields;
  size_t field_count;
} gh_request;

typedef struct gh_response {
  uint16_t status;
  gh_text version;
  const gh_field* fields;
  size_t field_count;
} gh_response;

typedef struct gh_match {
  uint32_t rule_id;
  uint8_t phase;
  int severity;       /* 0 emergency ... 7 debug, -1 none */
  int disruptive;
  int logged;         /* 0: the rule says nolog */
  gh_text message;
  gh_text data;
  gh_text variable;   /* what matched last, such as ARGS:q */
  gh_text value;      /* after transformations */
} gh_match;

/* The host's clock: microseconds since 1970. */
typedef struct gh_clock {
  uint64_t (*now_us)(void* context);
  void* context;
} gh_clock;

/* Begins an inspection. `clock` may be NULL: then it is always 1970. Free with gh_inspection_free(), before its workspace
 * and rules. */
gh_status gh_inspection_new(const gh_rule_set* rules, gh_workspace* workspace, const gh_clock* clock, gh_inspection** out,
                            gh_error** error);
void gh_inspection_free(gh_inspection* inspection);

/* The steps, in this order; each stores how it decided, and after a decision other than GH_PASS or GH_ALLOW only
 * gh_inspection_finish() is left. The views in a request or response must live until the inspection is freed, pieces of
 * content only for the call. */
gh_status gh_inspection_request_head(gh_inspection* inspection, const gh_request* request, gh_decision* out);
int gh_inspection_wants_request_body(const gh_inspection* inspection);
gh_status gh_inspection_request_body(gh_inspection* inspection, gh_text piece, gh_decision* out);
gh_status gh_inspection_request_end(gh_inspection* inspection, gh_decision* out);
gh_status gh_inspection_response_head(gh_inspection* inspection, const gh_response* response, gh_decision* out);
int gh_inspection_wants_response_body(const gh_inspection* inspection);
gh_status gh_inspection_response_body(gh_inspection* inspection, gh_text piece, gh_decision* out);
gh_status gh_inspection_response_end(gh_inspection* inspection, gh_decision* out);
/* Runs the rules of the logging phase. */
gh_status gh_inspection_finish(gh_inspection* inspection);

/* The rules that matched so far, in order. Views live as long as the inspection. GH_MISUSED beyond the last. */
size_t gh_inspection_match_count(const gh_inspection* inspection);
gh_status gh_inspection_match(const gh_inspection* inspection, size_t index, gh_match* out);
/* What would have been decided if the rules were not merely to detect. */
gh_status gh_inspection_detected(const gh_inspection* inspection, gh_decision* out);
/* The value of a tx variable, such as a score; empty when it has none. Lives until the next step. */
gh_text gh_inspection_variable(const gh_inspection* inspection, gh_text name);

#ifdef __cplusplus
}
#endif

#endif
