// gatehouse waf serve: rules behind somebody else's proxy. Answers external-authorization calls over HTTP: 200 lets the
// request pass, anything else is the verdict. A small control-plane server on one thread, apart from the data plane.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>

#include "gateway/cli/verb.hpp"
#include "gateway/cli/waf_auth.hpp"
#include "gateway/cli/waf_rules.hpp"
#include "gateway/cli/waf_verbs.hpp"
#include "gateway/observe/waf_log.hpp"

namespace gatehouse::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto token = asio::as_tuple(asio::deferred);
constexpr std::chrono::seconds idle_limit{75};
constexpr std::uint32_t head_max = 64 * 1024;

struct Options {
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

/// A connection's coroutine is over. What it may have thrown concerned that connection alone.
void ended(const std::exception_ptr&) {}

/// The rules in force with room to run them; calls under way keep theirs over a reload.
struct Judge {
  explicit Judge(LoadedRules loaded) : rules(std::move(loaded)), space(*rules.rules) {}
  LoadedRules rules;
  filters::Workspace space;
};

class Authority {
 public:
  Authority(asio::io_context& io, const Options& options, LoadedRules rules)
      : options_(options), acceptor_(io), signals_(io, SIGHUP, SIGTERM, SIGINT), judge_(std::make_shared<Judge>(std::move(rules))) {}

  /// Binds; throws boost::system::system_error when it cannot (start-up only). The address it listens on.
  std::string start();

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(beast::tcp_stream stream);
  http::response<http::string_body> answer(const http::request<http::string_body>& call, const std::string& peer);
  void wait_for_signal();
  void reload();
  std::string reference();
  void log(const filters::Inspection& inspection, const WafRequest& request, const std::string& id, unsigned status, bool blocked) const;

  const Options& options_;
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  std::shared_ptr<Judge> judge_;
  Clockwork clock_;
  std::mt19937_64 random_{std::random_device()()};
};

std::string Authority::start() {
  const std::size_t colon = options_.listen.rfind(':');
  const std::string host = options_.listen.substr(0, colon);
  const auto port = static_cast<unsigned short>(std::stoul(options_.listen.substr(colon + 1)));
  const tcp::endpoint where(asio::ip::make_address(host), port);
  acceptor_.open(where.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind(where);
  acceptor_.listen();
  asio::co_spawn(acceptor_.get_executor(), accept(), &ended);
  wait_for_signal();
  return host + ":" + std::to_string(acceptor_.local_endpoint().port());
}

asio::awaitable<void> Authority::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(token);
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
    if (error) continue;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(acceptor_.get_executor(), serve(beast::tcp_stream(std::move(socket))), &ended);
  }
}

asio::awaitable<void> Authority::serve(beast::tcp_stream stream) {
  boost::system::error_code error;
  const auto peer = stream.socket().remote_endpoint(error);
  const std::string peer_text = error ? std::string() : peer.address().to_string();
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(head_max);
    parser.body_limit(judge_->rules.acl.request_body.limit + 1);
    stream.expires_after(idle_limit);
    auto [read_error, read] = co_await http::async_read(stream, buffer, parser, token);
    if (read_error == http::error::body_limit) {
      http::response<http::string_body> refusal(http::status::payload_too_large, 11);
      refusal.keep_alive(false);
      refusal.prepare_payload();
      co_await http::async_write(stream, refusal, token);
    }
    if (read_error) co_return;
    const auto response = answer(parser.get(), peer_text);
    auto [write_error, written] = co_await http::async_write(stream, response, token);
    if (write_error || response.need_eof()) co_return;
  }
}

std::string Authority::reference() {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (std::uint64_t bits = random_(); out.size() < 16; bits >>= 4) out += hex[bits & 15];
  return out;
}

http::response<http::string_body> Authority::answer(const http::request<http::string_body>& call, const std::string& peer) {
  WafRequest sent;
  sent.method = std::string(call.method_string());
  sent.target = std::string(call.target());
  sent.version = call.version() == 10 ? "HTTP/1.0" : "HTTP/1.1";
  for (const auto& field : call) sent.fields.emplace_back(field.name_string(), field.value());
  sent.body = call.body();
  if (!peer.empty()) sent.client = peer;
  const WafRequest request = described_request(std::move(sent), options_.path_prefix);

  const std::shared_ptr<Judge> judge = judge_;
  filters::Inspection inspection(*judge->rules.rules, judge->space, clock_);
  const filters::Decision decision = inspect(inspection, request, nullptr);
  inspection.finish();
  const bool blocked = decision.outcome != filters::Outcome::pass && decision.outcome != filters::Outcome::allow;
  const std::string id = reference();
  // Proxies take 401 and 403 for a verdict and other errors for a failure of this service, so that there is one status.
  const unsigned status = blocked ? options_.deny_status : 200;
  http::response<http::string_body> response(static_cast<http::status>(status), call.version());
  response.set(http::field::server, "gatehouse");
  response.set("x-gatehouse-reference", id);
  response.set("x-gatehouse-waf", blocked ? "block" : inspection.detected().outcome != filters::Outcome::pass ? "detect" : "pass");
  if (blocked) {
    response.set(http::field::content_type, "text/html; charset=utf-8");
    response.body() = "<!doctype html>\n<title>Forbidden</title>\n<h1>Forbidden</h1>\n<p>This request was blocked by the site's security "
                      "rules.</p>\n<p>Reference: <code>" + id + "</code></p>\n";
  }
  response.keep_alive(call.keep_alive());
  response.prepare_payload();
  if (call.method() == http::verb::head) response.body().clear();
  log(inspection, request, id, status, blocked);
  return response;
}

void Authority::log(const filters::Inspection& inspection, const WafRequest& request, const std::string& id, unsigned status, bool blocked) const {
  if (inspection.matches().empty() && !blocked) return;
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
  std::cout << observe::waf_line(record) << std::endl;
}

void Authority::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number != SIGHUP) return static_cast<asio::io_context&>(acceptor_.get_executor().context()).stop();
    reload();
    wait_for_signal();
  });
}

/// Calls wait meanwhile; with compiled rules in the cache that is a fraction of a second.
void Authority::reload() {
  LoadedRules loaded = load_rules(options_.rules);
  if (loaded.rules == nullptr) {
    std::cerr << "gatehouse: the rules are refused, the old ones stay in force\n";
    return;
  }
  std::cerr << "gatehouse: " << loaded.rules->rule_count() << " rules are in force\n";
  judge_ = std::make_shared<Judge>(std::move(loaded));
}

int serve(const Options& options) {
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
  auto options = std::make_shared<Options>();
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
