// gatehouse status: what a running gateway is doing.
#include <boost/json.hpp>
#include <iostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/admin_options.hpp"
#include "gateway/cli/status_text.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {

int status_command(const AdminOptions& options, Output output) {
  AdminRequest request;
  request.admin = options.admin;
  request.method = "GET";
  request.target = "/v1/status";
  const auto reply = ask_admin(request);
  if (!reply) return fail(reply.error(), output);
  if (!reply->ok()) return fail(*reply, options, output);
  if (wants_json(options)) {
    output.out << reply->body;
    return 0;
  }
  boost::json::error_code error;
  const auto document = boost::json::parse(reply->body, error);
  if (error || !document.is_object()) {
    output.err << "gatehouse: what listens on " << options.admin << " is not gatehouse's admin API\n";
    return 1;
  }
  output.out << status_text(document);
  return 0;
}

void add_status(Verb above) {
  auto options = std::make_shared<AdminOptions>();
  Verb verb = above.verb(
      "status", "Show what a running gateway does: traffic, listeners, endpoints with their health, regions");
  add_admin_options(verb, *options);
  verb.footer("Weights, drains and dials that were changed at run time are marked: a reload keeps them, a restart does not.\n"
               "Exit code 1 when nothing answers.\n");
  verb.does([options] { return status_command(*options, Output{std::cout, std::cerr}); });
}

}  // namespace gatehouse::cli
