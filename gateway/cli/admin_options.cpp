#include "gateway/cli/admin_options.hpp"

#include <ostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {

void add_admin_options(Verb verb, AdminOptions& options) {
  verb.option("--admin", options.admin, "The running gateway's admin address: address:port or unix:/path").show_default();
  verb.format_option(options.format);
}

int fail(const AdminError& error, Output output) {
  output.err << "gatehouse: " << error.message << '\n';
  return error.usage ? 2 : 1;
}

int fail(const AdminReply& reply, const AdminOptions& options, Output output) {
  if (wants_json(options)) output.out << reply.body;
  output.err << "gatehouse: " << explain_reply(reply) << '\n';
  return 1;
}

}  // namespace gatehouse::cli
