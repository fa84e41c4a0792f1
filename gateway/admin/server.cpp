#include "gateway/admin/server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <set>
#include <utility>

#include "gateway/admin/address.hpp"
#include "gateway/admin/local_only.hpp"
#include "gateway/admin/session.hpp"
#include "gateway/runtime/control_task.hpp"

namespace gatehouse::admin {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using runtime::control_token;
using runtime::ControlTask;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds accept_pause{200};   // after an error such as no free descriptor
constexpr std::chrono::milliseconds finish_limit{1000};  // for answers under way

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

/// The address with the port that was really bound.
std::string bound_text(const AdminAddress& address, const Acceptor& acceptor) {
  if (!address.unix_path.empty()) return "unix:" + address.unix_path;
  error_code error;
  const auto local = acceptor.local_endpoint(error);
  asio::ip::tcp::endpoint tcp;
  tcp.resize(local.size());
  std::memcpy(tcp.data(), local.data(), local.size());
  const std::string ip = tcp.address().to_string();
  return (tcp.address().is_v6() ? "[" + ip + "]" : ip) + ":" + std::to_string(tcp.port());
}

}  // namespace

/// Shared with the tasks, which may end after the server is gone; `control` is null from then on.
struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& io, Control& control, ServerOptions options)
      : io(io),
        acceptor(io.get_executor()),
        pause(io.get_executor()),
        finish_timer(io.get_executor()),
        options(std::move(options)) {
    shared.control = &control;
  }

  error_code listen(const AdminAddress& address);
  ControlTask<> accept();
  ControlTask<> serve(SessionStream stream);
  ControlTask<> wait_for_sessions();
  void close(bool answers_too);

  asio::io_context& io;
  Acceptor acceptor;
  Timer pause;
  Timer finish_timer;
  ServerOptions options;
  SessionShared shared;
  std::set<SessionSlot*> sessions;
  std::function<void()> finished;
  std::string unix_path;
};

Server::Server(asio::io_context& io, Control& control, ServerOptions options)
    : state_(std::make_shared<State>(io, control, std::move(options))) {}

Server::~Server() { stop(); }

Result<std::string, std::string> Server::start(const std::string& text) {
  auto address = parse_address(text);
  if (!address) return Failure{address.error()};
  State& state = *state_;
  if (const error_code error = state.listen(*address); error) {
    state.acceptor.close();
    return Failure{"the admin API cannot listen on " + text + ": " + error.message()};
  }
  state.unix_path = address->unix_path;
  HostRules& rules = state.shared.rules;
  rules.allowed = state.options.allowed_hosts;
  rules.unix_socket = !address->unix_path.empty();
  if (!is_wildcard(address->host)) rules.own_host = address->host.substr(0, address->host.rfind(':'));
  state.shared.limits = SessionLimits{state.options.head_max, state.options.body_max, state.options.request_time,
                                      state.options.answer_time};
  runtime::start_control_task(state.io, "admin accept", [self = state_] { return self->accept(); });
  return bound_text(*address, state.acceptor);
}

void Server::allow_hosts(std::vector<std::string> hosts) { state_->shared.rules.allowed = std::move(hosts); }

void Server::stop() {
  state_->finished = nullptr;
  state_->close(true);
  state_->finish_timer.cancel();
}

void Server::finish(std::function<void()> done) {
  state_->finished = std::move(done);
  state_->close(false);
  runtime::start_control_task(state_->io, "admin finish", [self = state_] { return self->wait_for_sessions(); });
}

void Server::State::close(bool answers_too) {
  shared.control = nullptr;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (SessionSlot* session : sessions) {
    if (answers_too || !session->answering) session->stream.close();
  }
  if (!unix_path.empty()) ::unlink(unix_path.c_str());
  unix_path.clear();
}

/// The last session to leave ends the timer early.
ControlTask<> Server::State::wait_for_sessions() {
  if (!sessions.empty()) {
    finish_timer.expires_after(finish_limit);
    co_await finish_timer.async_wait(control_token);
  }
  if (finished) std::exchange(finished, nullptr)();
}

error_code Server::State::listen(const AdminAddress& address) {
  error_code error;
  if (!address.unix_path.empty()) remove_stale_socket(address);
  acceptor.open(address.endpoint.protocol(), error);
  if (error) return error;
  if (address.unix_path.empty()) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  // The file must never be open to others, not even for a moment, so the mask is set around bind().
  const mode_t mask = ::umask(0177);
  if (!error) acceptor.bind(address.endpoint, error);
  ::umask(mask);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

ControlTask<> Server::State::accept() {
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(control_token);
    if (!acceptor.is_open()) co_return;
    if (error) {
      pause.expires_after(accept_pause);
      co_await pause.async_wait(control_token);
      continue;
    }
    if (sessions.size() >= options.connections_max) continue;  // the socket closes
    SessionStream stream(std::move(socket));
    runtime::start_control_task(io, "admin session", [self = shared_from_this(), stream = std::move(stream)]() mutable {
      return self->serve(std::move(stream));
    });
  }
}

ControlTask<> Server::State::serve(SessionStream stream) {
  const auto self = shared_from_this();
  SessionSlot slot(std::move(stream));
  sessions.insert(&slot);
  struct Leave {
    State& state;
    SessionSlot& slot;
    ~Leave() {
      state.sessions.erase(&slot);
      if (state.sessions.empty()) state.finish_timer.cancel();
    }
  } const leave{*this, slot};
  co_await run_session(slot, shared);
}

}  // namespace gatehouse::admin
