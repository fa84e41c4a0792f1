// What the verbs of client_verbs.hpp share: their options, and how a failure becomes a message and an exit code.
#pragma once

#include "gateway/cli/client_verbs.hpp"

namespace gatehouse::cli {

struct AdminError;
struct AdminReply;
class Verb;

/// --admin and --format.
void add_admin_options(Verb verb, AdminOptions& options);

inline bool wants_json(const AdminOptions& options) { return options.format == "json"; }

/// Tells that no answer came. The exit code.
int fail(const AdminError& error, Output output);

/// Tells that the gateway said no; for scripts its document goes to the standard output. The exit code.
int fail(const AdminReply& reply, const AdminOptions& options, Output output);

}  // namespace gatehouse::cli
