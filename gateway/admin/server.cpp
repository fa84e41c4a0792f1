#include "gateway/admin/server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <utility>

#include "gateway/admin/address.hpp"
#include "gateway/admin/api.hpp"
#include "gateway/admin/local_only.hpp"
#include "gateway/control_http/server.hpp"

namespace gatehouse::admin {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Removes a socket file that nobody listens on any more. One that answers is left alone: binding will say so.
void remove_stale_socket(const AdminAddress& address) {
  struct stat about {};
  if (::lstat(address.unix_path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return;
  asio::io_context io;
  asio::generic::stream_protocol::socket probe(io);
  error_code error;
  probe.connect(address.endpoint, error);
  if (error == asio::error::connection_refused) ::unlink(address.unix_path.c_str());
}

bool is_wildcard(std::string_view host) { return host.starts_with("0.0.0.0:") || host.starts_with("[::]:"); }

std::string value_of(const control_http::Request& request, std::string_view name) {
  const std::string* const value = request.find(name);
  return value != nullptr ? *value : std::string();
}

Request to_request(control_http::Request from) {
  Request out;
  out.method = std::move(from.method);
  out.target = std::move(from.target);
  out.host = value_of(from, "Host");
  if (const std::string* const origin = from.find("Origin"); origin != nullptr) out.origin = *origin;
  out.fetch_site = value_of(from, "Sec-Fetch-Site");
  out.content_type = value_of(from, "Content-Type");
  out.body = std::move(from.body);
  return out;
}

/// An answer with the fields that keep it out of caches and out of a browser's guesses.
control_http::Response to_response(Answer answer) {
  control_http::Response out;
  out.status = answer.status;
  out.fields = {{"Content-Type", std::move(answer.content_type)}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  for (auto& field : answer.fields) out.fields.push_back(std::move(field));
  out.body = std::move(answer.body);
  return out;
}

control_http::Limits limits_of(const ServerOptions& options) {
  control_http::Limits limits;
  limits.connections_max = options.connections_max;
  limits.head_max = options.head_max;
  limits.body_max = options.body_max;
  limits.request_time = options.request_time;
  limits.answer_time = options.answer_time;
  return limits;
}

/// Between HTTP and respond().
class Desk final : public control_http::Responder {
 public:
  explicit Desk(Control& control) : control_(control) {}
  HostRules rules;

  std::optional<control_http::Response> screen(const control_http::Request& head) override {
    // A request without exactly one Host is not valid (RFC 9112 3.2), and with two Origins one could hide.
    if (head.count("Host") != 1) return to_response(problem(400, "the request must have one Host"));
    if (head.count("Origin") > 1) return to_response(problem(400, "the request has several Origins"));
    // Chunked content has trailers, which cost memory outside every limit. No client of this API needs it.
    if (head.count("Transfer-Encoding") != 0) return to_response(problem(411, "the content must have a Content-Length"));
    return std::nullopt;
  }
  void respond(control_http::Request request, control_http::Respond done) override {
    admin::respond(to_request(std::move(request)), rules, control_,
                   [done = std::move(done)](Answer answer) { done(to_response(std::move(answer))); });
  }
  std::optional<control_http::Response> refuse(unsigned status, const std::string& why) override {
    return to_response(problem(status, why));
  }

 private:
  Control& control_;
};

}  // namespace

struct Server::State {
  State(asio::io_context& io, Control& control, const ServerOptions& options)
      : desk(control), http(io, desk, limits_of(options)), allowed_hosts(options.allowed_hosts) {}

  void remove_socket_file() {
    if (!unix_path.empty()) ::unlink(unix_path.c_str());
    unix_path.clear();
  }

  Desk desk;
  control_http::Server http;
  std::vector<std::string> allowed_hosts;
  std::string unix_path;
};

Server::Server(asio::io_context& io, Control& control, ServerOptions options)
    : state_(std::make_unique<State>(io, control, options)) {}

Server::~Server() { stop(); }

Result<std::string, std::string> Server::start(const std::string& text) {
  auto address = parse_address(text);
  if (!address) return Failure{address.error()};
  State& state = *state_;
  const bool file = !address->unix_path.empty();
  if (file) remove_stale_socket(*address);
  // The file must never be open to others, not even for a moment, so the mask is set around bind().
  const mode_t mask = ::umask(0177);
  const error_code error = state.http.start(address->endpoint);
  ::umask(mask);
  if (error) return Failure{"the admin API cannot listen on " + text + ": " + error.message()};
  state.unix_path = address->unix_path;
  HostRules& rules = state.desk.rules;
  rules.allowed = state.allowed_hosts;
  rules.unix_socket = file;
  if (!is_wildcard(address->host)) rules.own_host = address->host.substr(0, address->host.rfind(':'));
  return file ? "unix:" + address->unix_path : state.http.address();
}

void Server::allow_hosts(std::vector<std::string> hosts) { state_->desk.rules.allowed = std::move(hosts); }

void Server::stop() {
  state_->http.stop();
  state_->remove_socket_file();
}

void Server::finish(std::function<void()> done) {
  state_->http.finish(std::move(done));
  state_->remove_socket_file();
}

}  // namespace gatehouse::admin
