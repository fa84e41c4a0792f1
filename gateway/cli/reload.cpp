// gatehouse reload: has a running gateway load its configuration anew, and says what changed or all that is wrong.
#include <boost/json.hpp>
#include <iostream>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/admin_options.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;

void print_changes(const json::object& document, std::ostream& out) {
  const json::value* const generation = document.if_contains("generation");
  const json::value* const changes = document.if_contains("changes");
  const bool none = changes == nullptr || !changes->is_array() || changes->get_array().empty();
  out << "configuration reloaded";
  if (generation != nullptr) out << ": generation " << json::serialize(*generation);
  out << (none ? ", nothing changed\n" : "\n");
  if (none) return;
  for (const json::value& change : changes->get_array()) {
    if (change.is_string()) out << "  " << cell(std::string_view(change.get_string())) << '\n';
  }
}

}  // namespace

int reload_command(const AdminOptions& options, Output output) {
  AdminRequest request;
  request.admin = options.admin;
  request.method = "POST";
  request.target = "/v1/reload";
  request.timeout = std::chrono::minutes(2);  // large rule sets take their time to compile
  const auto reply = ask_admin(request);
  if (!reply) return fail(reply.error(), output);
  if (!reply->ok()) return fail(*reply, options, output);
  if (wants_json(options)) {
    output.out << reply->body;
    return 0;
  }
  json::error_code error;
  const json::value document = json::parse(reply->body, error);
  if (error || !document.is_object()) return fail(*reply, options, output);
  print_changes(document.get_object(), output.out);
  const json::value* const warnings = document.get_object().if_contains("warnings");
  if (warnings != nullptr && warnings->is_string()) output.err << std::string_view(warnings->get_string());
  return 0;
}

void add_reload(Verb above) {
  auto options = std::make_shared<AdminOptions>();
  Verb verb = above.verb("reload", "Have a running gateway load its configuration anew");
  add_admin_options(verb, *options);
  verb.footer("No request is dropped. When the new configuration is not valid the old one stays in force, and the exit\n"
               "code is 1. The same as signal HUP, but it says what happened.\n");
  verb.does([options] { return reload_command(*options, Output{std::cout, std::cerr}); });
}

}  // namespace gatehouse::cli
