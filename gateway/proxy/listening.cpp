#include "gateway/proxy/listening.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/net/acceptor.hpp"

namespace gatehouse::proxy {
namespace {

std::string explain(int error, const std::string& address) {
  switch (error) {
    case EADDRINUSE: return "address " + address + " is in use by another process";
    case EACCES: return "no permission to listen on " + address + ": ports below 1024 need CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL: return "this machine has no address " + address;
    default: return "cannot listen on " + address + ": " + std::strerror(error);
  }
}

/// Whether somebody else listens there. SO_REUSEPORT would silently share the port with another process of the same
/// user, so the first bind is tried without it.
int probe(const net::Address& address) noexcept {
  const net::SocketAddress where(address);
  const int fd = ::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int error = 0;
  if (::bind(fd, where.data(), where.size()) != 0) error = errno;
  ::close(fd);
  return error;
}

/// One socket a worker on the same address; 0 or the errno. `address` gets the real port.
int bind_all(net::Address& address, unsigned workers, std::vector<int>& descriptors) {
  if (const int error = address.port() == 0 ? 0 : probe(address)) return error;
  for (unsigned i = 0; i < workers; ++i) {
    const int fd = net::listen_on(address);
    if (fd < 0) return -fd;
    descriptors.push_back(fd);
    if (i == 0) address = net::local_address(fd);
  }
  return 0;
}

/// Whether the bound listener `old` gives up the address that `wanted` asks for.
bool leaves(const std::pair<const std::string, ListeningSockets::Bound>& old, const config::Listener& wanted, const config::Config& config) {
  if (old.second.configured != wanted.address || old.second.address.port() == 0) return false;
  return std::ranges::none_of(config.listeners, [&](const config::Listener& listener) {
    return listener.name == old.first && listener.address == old.second.configured;
  });
}

}  // namespace

ListeningSockets::Plan::~Plan() {
  for (const auto& [name, list] : descriptors) {
    for (const int fd : list) ::close(fd);
  }
}

std::map<std::string, std::uint16_t> ListeningSockets::Plan::ports() const {
  std::map<std::string, std::uint16_t> result;
  for (const auto& [name, where] : bound) result[name] = where.address.port();
  return result;
}

Result<ListeningSockets::Plan, config::Problems> ListeningSockets::plan(const config::Config& config) const {
  Plan plan;
  config::Problems problems;
  for (const config::Listener& listener : config.listeners) {
    const auto known = bound_.find(listener.name);
    if (known != bound_.end() && known->second.configured == listener.address) {
      plan.bound[listener.name] = known->second;
      continue;
    }
    // Another listener leaves this address: its sockets go on under the new name.
    const auto heir = std::ranges::find_if(bound_, [&](const auto& old) { return leaves(old, listener, config); });
    if (heir != bound_.end()) {
      plan.bound[listener.name] = heir->second;
      plan.renamed[heir->first] = listener.name;
      continue;
    }
    std::string text = listener.address;
    if (text.starts_with("localhost:")) text.replace(0, 9, "127.0.0.1");
    auto address = net::Address::parse(text);
    const int error = address ? bind_all(*address, workers_, plan.descriptors[listener.name]) : EADDRNOTAVAIL;
    if (error != 0) {
      config::Problem problem;
      problem.file = listener.position.file;
      problem.line = listener.position.line;
      problem.column = listener.position.column;
      problem.field = "listeners[" + listener.name + "].address";
      problem.message = explain(error, listener.address);
      problem.hint = error == EADDRINUSE ? "stop the other process or choose another port" : "";
      problems.add(std::move(problem));
      continue;
    }
    plan.bound[listener.name] = Bound{listener.address, *address};
  }
  for (const auto& [name, where] : bound_) {
    const auto now = plan.bound.find(name);
    const bool stays = now != plan.bound.end() && now->second.configured == where.configured;
    if (!stays && !plan.renamed.contains(name)) plan.gone.push_back(name);
  }
  if (problems.errors() != 0) return Failure{std::move(problems)};
  return plan;
}

std::map<std::string, std::vector<int>> ListeningSockets::take_over(Plan& plan) {
  bound_ = plan.bound;
  return std::exchange(plan.descriptors, {});
}

}  // namespace gatehouse::proxy
