// gatehouse waf serve: rules behind somebody else's proxy. Answers external-authorization calls over HTTP: 200 lets the
// request pass, anything else is the verdict. A small control-plane server on one thread, apart from the data plane.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>

#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_auth.hpp"
#include "gateway/cli/waf_rules.hpp"
#include "gateway/cli/waf_verbs.hpp"
#include "gateway/control_http/server.hpp"
#include "gateway/observe/waf_log.hpp"
#include "gateway/runtime/job_threads.hpp"

namespace gatehouse::cli {
namespace {

namespace asio = boost::asio;
using control_http::Response;

control_http::Limits authority_limits() {
  control_http::Limits out;
  out.connections_max = 10'000;
  out.head_max = 64 * 1024;
  out.beyond_body_max = control_http::Beyond::cut;  // whether that is an offence is for the rules to say
  out.request_time = std::chrono::seconds(75);
  out.answer_time = std::chrono::seconds(75);
  out.mirror_version = true;  // nginx's auth_request speaks HTTP/1.0
  return out;
}

struct ServeOptions {
  WafRuleOptions rules;
  std::string listen{"127.0.0.1:9800"};
  std::string path_prefix;
  unsigned deny_status{403};
};

class Clockwork final : public filters::Surroundings {
 public:
  std::uint64_t now_us() const noexcept override {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
  }
};

/// The rules in force with room to run them; calls under way keep theirs over a reload.
struct Judge {
  explicit Judge(LoadedRules loaded) : rules(std::move(loaded)), space(*rules.rules) {}
  LoadedRules rules;
  filters::Workspace space;
};

class Authority final : public control_http::Responder {
 public:
  Authority(asio::io_context& io, const ServeOptions& options, LoadedRules rules)
      : io_(io), options_(options), http_(io, *this, authority_limits()), signals_(io, SIGHUP, SIGTERM, SIGINT), loading_(io) {
    judge_by(std::move(rules));
  }

  /// Binds; throws boost::system::system_error when it cannot (start-up only). The address it listens on.
  std::string start();

 private:
  void respond(control_http::Request call, control_http::Respond done) override { done(answer(std::move(call))); }
  /// Mistakes have no answer: no proxy takes one for a verdict.
  std::optional<Response> refuse(unsigned, const std::string&) override { return std::nullopt; }
  void judge_by(LoadedRules rules);
  Response answer(control_http::Request call);
  void wait_for_signal();
  void reload();
  void end_reload(LoadedRules loaded);
  std::string reference();
  void log(const filters::Inspection& inspection, const WafRequest& request, const std::string& id, unsigned status, bool blocked) const;

  asio::io_context& io_;
  const ServeOptions& options_;
  control_http::Server http_;
  asio::signal_set signals_;
  std::shared_ptr<Judge> judge_;
  Clockwork clock_;
  std::mt19937_64 random_{std::random_device()()};
  bool reloading_{false}, reload_again_{false};
  runtime::Background loading_;  // the last member: its thread ends first
};

std::string Authority::start() {
  const std::size_t colon = options_.listen.rfind(':');
  const std::string host = options_.listen.substr(0, colon);
  const auto port = static_cast<unsigned short>(std::stoul(options_.listen.substr(colon + 1)));
  const auto error = http_.start(asio::ip::tcp::endpoint(asio::ip::make_address(host), port));
  if (error) throw boost::system::system_error(error, "bind");
  wait_for_signal();
  return host + ":" + std::to_string(http_.port());
}

/// From here on. The rules look at as much content as they ask for; one byte more shows them that it is too much.
void Authority::judge_by(LoadedRules rules) {
  judge_ = std::make_shared<Judge>(std::move(rules));
  http_.limit_content(judge_->rules.rules->facts().request_body_limit + 1);
}

std::string Authority::reference() {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (std::uint64_t bits = random_(); out.size() < 16; bits >>= 4) out += hex[bits & 15];
  return out;
}

Response Authority::answer(control_http::Request call) {
  WafRequest sent;
  sent.method = std::move(call.method);
  sent.target = std::move(call.target);
  sent.version = call.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
  sent.fields = std::move(call.fields);
  sent.body = std::move(call.body);
  if (!call.peer.empty()) sent.client = call.peer;
  const WafRequest request = described_request(std::move(sent), options_.path_prefix);

  const std::shared_ptr<Judge> judge = judge_;
  filters::Inspection inspection(*judge->rules.rules, judge->space, clock_);
  const filters::Decision decision = inspect(inspection, request, nullptr);
  const bool blocked = decision.outcome != filters::Outcome::pass && decision.outcome != filters::Outcome::allow;
  const std::string id = reference();
  // Proxies take 401 and 403 for a verdict and other errors for a failure of this service, so that there is one status.
  const unsigned status = blocked ? options_.deny_status : 200;
  Response response;
  response.status = status;
  const char* const verdict = blocked ? "block" : inspection.detected().outcome != filters::Outcome::pass ? "detect" : "pass";
  response.fields = {{"Server", "gatehouse"}, {"x-gatehouse-reference", id}, {"x-gatehouse-waf", verdict}};
  if (blocked) {
    response.fields.emplace_back("Content-Type", "text/html; charset=utf-8");
    response.body = "<!doctype html>\n<title>Forbidden</title>\n<h1>Forbidden</h1>\n<p>This request was blocked by the site's security "
                    "rules.</p>\n<p>Reference: <code>" + id + "</code></p>\n";
  }
  inspection.finish(static_cast<std::uint16_t>(status));
  log(inspection, request, id, status, blocked);
  return response;
}

void Authority::log(const filters::Inspection& inspection, const WafRequest& request, const std::string& id, unsigned status, bool blocked) const {
  const filters::AuditRecord audit = inspection.audit();
  if (!audit.wanted) return;
  observe::WafRecord record;
  record.wall_ns = clock_.now_us() * 1000;
  record.request_id = id;
  record.web_acl = judge_->rules.acl.name;
  const bool detected = inspection.detected().outcome != filters::Outcome::pass;
  record.action = blocked ? observe::WafAction::block : detected ? observe::WafAction::detect : observe::WafAction::pass;
  record.rule = inspection.detected().rule_id;
  record.phase = inspection.detected().phase;
  record.client = request.client;
  record.method = request.method;
  if (const std::string* const host = request.find("host")) record.host = *host;
  record.target = request.target;
  record.status = static_cast<std::uint16_t>(status);
  record.matches = inspection.matches();
  record.audit = &audit;
  std::cout << observe::waf_line(record) << std::endl;
}

void Authority::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number != SIGHUP) return io_.stop();
    reload();
    wait_for_signal();
  });
}

/// On a thread of its own, since rules that are not in the cache take seconds: calls are answered by the old ones meanwhile.
void Authority::reload() {
  reload_again_ = reloading_;
  if (reloading_) return;
  reloading_ = true;
  auto loaded = std::make_shared<LoadedRules>();
  loading_.run([this, loaded] { *loaded = load_rules(options_.rules); },
               [this, loaded] {
                 reloading_ = false;
                 end_reload(std::move(*loaded));
                 if (reload_again_) reload();  // asked for in between: the files may have changed since they were read
               });
}

void Authority::end_reload(LoadedRules loaded) {
  if (loaded.rules == nullptr) {
    std::cerr << "gatehouse: the rules are refused, the old ones stay in force\n";
    return;
  }
  std::cerr << "gatehouse: " << loaded.rules->rule_count() << " rules are in force\n";
  judge_by(std::move(loaded));
}

int serve(const ServeOptions& options) {
  LoadedRules rules = load_rules(options.rules);
  if (rules.rules == nullptr) return 1;
  const std::size_t count = rules.rules->rule_count();
  asio::io_context io;
  Authority authority(io, options, std::move(rules));
  std::string address;
  try {
    address = authority.start();
  } catch (const std::exception& problem) {
    std::cerr << "gatehouse: cannot listen on " << options.listen << ": " << problem.what() << '\n';
    return 1;
  }
  std::cout << "ready waf=" << address << " rules=" << count << std::endl;
  io.run();
  return 0;
}

}  // namespace

void add_waf_serve(Verb above) {
  auto options = std::make_shared<ServeOptions>();
  Verb verb = above.verb("serve", "Answer external-authorization calls of nginx, Traefik, Caddy or Envoy");
  add_rule_options(verb, options->rules);
  verb.option("--listen", options->listen, "Where to listen, IP:port; port 0 takes a free one").show_default();
  verb.option("--path-prefix", options->path_prefix, "What is taken off the path of calls that carry the request's own path (Envoy's path_prefix)");
  verb.option("--deny-status", options->deny_status, "The status that says no").between(400, 499).show_default();
  verb.footer("Prints `ready waf=ADDRESS rules=N`, then a line of JSON for each request with a match. HUP reads the rules again.\n"
               "The callers are believed when they describe a request in X-Forwarded-* or X-Original-* fields: let none but the\n"
               "proxy reach this address.\n"
               "Example:\n  gatehouse waf serve -r crs-setup.conf -r 'rules/*.conf' --listen 127.0.0.1:9800\n");
  verb.does([options] { return serve(*options); });
}

}  // namespace gatehouse::cli
