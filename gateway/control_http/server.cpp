#include "gateway/control_http/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <set>
#include <utility>

#include "gateway/control_http/session.hpp"

namespace gatehouse::control_http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::control_token;
using runtime::ControlTask;
using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds accept_pause{200};   // after an error such as no free descriptor
constexpr std::chrono::milliseconds finish_limit{1000};  // for answers under way

bool is_tcp(const Server::Endpoint& endpoint) {
  const int family = endpoint.data()->sa_family;
  return family == AF_INET || family == AF_INET6;
}

tcp::endpoint tcp_of(const Server::Endpoint& from) {
  tcp::endpoint out;
  if (!is_tcp(from)) return out;
  out.resize(from.size());
  std::memcpy(out.data(), from.data(), from.size());
  return out;
}

/// Prepares a connection for its session, and says who is at its other end.
std::string greet(Stream& stream) {
  error_code error;
  const auto peer = stream.socket().remote_endpoint(error);
  if (error || !is_tcp(peer)) return {};
  stream.socket().set_option(tcp::no_delay(true), error);
  return tcp_of(peer).address().to_string();
}

}  // namespace

/// Shared with the tasks, which may end after the server is gone; the responder is null from then on.
struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& io, Responder& responder, const Limits& limits)
      : io(io), acceptor(io.get_executor()), pause(io.get_executor()), finish_timer(io.get_executor()), shared{&responder, limits} {}

  error_code listen(const Endpoint& endpoint);
  ControlTask<> accept();
  ControlTask<> serve(Stream stream);
  ControlTask<> wait_for_sessions();
  void close(bool answers_too);
  tcp::endpoint local() const;

  asio::io_context& io;
  Acceptor acceptor;
  Timer pause;
  Timer finish_timer;
  SessionShared shared;
  std::set<SessionSlot*> sessions;
  std::function<void()> finished;
};

Server::Server(asio::io_context& io, Responder& responder, const Limits& limits)
    : state_(std::make_shared<State>(io, responder, limits)) {}

Server::~Server() { stop(); }

error_code Server::start(const Endpoint& endpoint) {
  if (const error_code error = state_->listen(endpoint); error) {
    error_code ignored;
    state_->acceptor.close(ignored);
    return error_code(error.value(), error.category());  // without the place in Asio that it would print
  }
  runtime::start_control_task(state_->io, "control accept", [self = state_] { return self->accept(); });
  return {};
}

std::string Server::address() const {
  const tcp::endpoint local = state_->local();
  const std::string ip = local.address().to_string();
  return (local.address().is_v6() ? "[" + ip + "]" : ip) + ":" + std::to_string(local.port());
}

std::uint16_t Server::port() const { return state_->local().port(); }

void Server::limit_content(std::uint64_t bytes) { state_->shared.limits.body_max = bytes; }

void Server::stop() {
  state_->finished = nullptr;
  state_->close(true);
  state_->finish_timer.cancel();
}

void Server::finish(std::function<void()> done) {
  state_->finished = std::move(done);
  state_->close(false);
  runtime::start_control_task(state_->io, "control finish", [self = state_] { return self->wait_for_sessions(); });
}

tcp::endpoint Server::State::local() const {
  error_code error;
  const Endpoint endpoint = acceptor.local_endpoint(error);
  return error ? tcp::endpoint() : tcp_of(endpoint);
}

void Server::State::close(bool answers_too) {
  shared.responder = nullptr;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (SessionSlot* session : sessions) {
    if (answers_too || !session->answering) session->stream.close();
  }
}

/// The last session to leave ends the timer early.
ControlTask<> Server::State::wait_for_sessions() {
  if (!sessions.empty()) {
    finish_timer.expires_after(finish_limit);
    co_await finish_timer.async_wait(control_token);
  }
  if (finished) std::exchange(finished, nullptr)();
}

error_code Server::State::listen(const Endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error && is_tcp(endpoint)) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
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
    if (sessions.size() >= shared.limits.connections_max) continue;  // the socket closes
    Stream stream(std::move(socket));
    runtime::start_control_task(io, "control session", [self = shared_from_this(), stream = std::move(stream)]() mutable {
      return self->serve(std::move(stream));
    });
  }
}

ControlTask<> Server::State::serve(Stream stream) {
  const auto self = shared_from_this();
  std::string peer = greet(stream);
  SessionSlot slot(std::move(stream), std::move(peer));
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

}  // namespace gatehouse::control_http
