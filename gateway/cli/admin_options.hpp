// What the verbs of client_verbs.hpp share: their options, and how a failure becomes a message and an exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <ostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/client_verbs.hpp"

namespace gatehouse::cli {

inline void add_admin_options(CLI::App& verb, AdminOptions& options) {
  verb.add_option("--admin", options.admin, "The running gateway's admin address: address:port or unix:/path")
      ->capture_default_str();
  verb.add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

inline bool wants_json(const AdminOptions& options) { return options.format == "json"; }

/// Tells that no answer came. The exit code.
inline int fail(const AdminError& error, Output output) {
  output.err << "gatehouse: " << error.message << '\n';
  return error.usage ? 2 : 1;
}

/// Tells that the gateway said no; for scripts its document goes to the standard output. The exit code.
inline int fail(const AdminReply& reply, const AdminOptions& options, Output output) {
  if (wants_json(options)) output.out << reply.body;
  output.err << "gatehouse: " << explain_reply(reply) << '\n';
  return 1;
}

}  // namespace gatehouse::cli
