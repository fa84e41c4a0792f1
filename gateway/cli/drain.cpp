// gatehouse drain: has a running gateway take no new connections, finish what is under way and end; as signal TERM.
#include <boost/json.hpp>
#include <iostream>
#include <thread>

#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/admin_options.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds ask_again{200};

std::uint64_t count(const json::value& document, std::string_view name) {
  const json::value* const member = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return member != nullptr && member->is_int64() ? static_cast<std::uint64_t>(member->get_int64()) : 0;
}

/// Whether the gateway ended in time: then nothing listens on its address any more.
bool wait_for_end(const AdminOptions& options, seconds wait) {
  AdminRequest request;
  request.admin = options.admin;
  request.method = "GET";
  request.target = "/readyz";  // 503 while it drains, which is an answer too
  request.timeout = seconds(2);
  const auto until = Clock::now() + wait;
  while (Clock::now() < until) {
    const auto reply = ask_admin(request);
    if (!reply && reply.error().nobody) return true;
    std::this_thread::sleep_for(ask_again);
  }
  return false;
}

}  // namespace

int drain_command(const AdminOptions& options, seconds wait, Output output) {
  AdminRequest request;
  request.admin = options.admin;
  request.method = "POST";
  request.target = "/v1/drain";
  const auto reply = ask_admin(request);
  if (!reply) return fail(reply.error(), output);
  if (!reply->ok()) return fail(*reply, options, output);
  json::error_code error;
  const json::value document = json::parse(reply->body, error);
  if (wants_json(options)) {
    output.out << reply->body;
  } else {
    output.out << "draining: " << count(document, "connections_active") << " connections have up to "
               << count(document, "timeout_ms") / 1000 << " s to end\n";
  }
  if (wait.count() == 0) return 0;
  if (!wait_for_end(options, wait)) {
    output.err << "gatehouse: it had not ended after " << wait.count() << " s\n";
    return 1;
  }
  if (!wants_json(options)) output.out << "ended\n";
  return 0;
}

void add_drain(Verb above) {
  struct Options {
    AdminOptions admin;
    unsigned wait{0};
  };
  auto options = std::make_shared<Options>();
  Verb verb = above.verb("drain", "Have a running gateway finish what is under way, take nothing new, and end");
  add_admin_options(verb, options->admin);
  verb.option("--wait", options->wait, "Wait up to this many seconds until it has ended; exit code 1 if it has not")
      .between(0, 86400)
      .show_default();
  verb.footer("The same as signal TERM. How long connections get is drain_timeout in the configuration.\n");
  verb.does([options] { return drain_command(options->admin, seconds(options->wait), Output{std::cout, std::cerr}); });
}

}  // namespace gatehouse::cli
