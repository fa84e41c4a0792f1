// Resolver: names to addresses, with the DNS's own time to live, so that an origin that moves is followed. c-ares does
// the asking (DNS over UDP and TCP, /etc/hosts, localhost); Asio watches its sockets on the control thread. A name that
// cannot be resolved now keeps its last addresses and is asked for again soon. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net/address.hpp"

namespace gatehouse::net {

/// What one lookup found. Addresses have the port that was asked for, IPv4 first, without duplicates, sorted.
struct Resolution {
  std::vector<Address> addresses;
  std::chrono::milliseconds ttl{0};  // how long it may be used, within the resolver's limits
  std::string error;                 // empty when it worked
  bool ok() const noexcept { return error.empty(); }
};

class Resolver {
 public:
  struct Options {
    std::string servers;                      // "127.0.0.1:5353,..."; empty: the system's
    std::chrono::milliseconds timeout{2000};  // of one question to one server
    unsigned tries{3};
    std::chrono::milliseconds ttl_min{1'000};
    std::chrono::milliseconds ttl_max{300'000};
    std::chrono::milliseconds retry_first{1000};  // after a failure; doubles up to retry_max
    std::chrono::milliseconds retry_max{30'000};
  };
  using Answered = std::function<void(const Resolution&)>;

  class Following;

  explicit Resolver(boost::asio::io_context& io);
  Resolver(boost::asio::io_context& io, Options options);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Asks once. `answered` is called from the io_context, never from inside this call; never after the resolver's end.
  void lookup(const std::string& host, std::uint16_t port, Answered answered);
  /// Asks now and again whenever the answer's time is up, until the handle goes. `answered` hears every outcome.
  std::unique_ptr<Following> follow(std::string host, std::uint16_t port, Answered answered);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Keeps one name resolved while it lives.
class Resolver::Following {
 public:
  struct Entry;
  explicit Following(std::shared_ptr<Entry> entry) noexcept;
  ~Following();
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

 private:
  std::shared_ptr<Entry> entry_;
};

}  // namespace gatehouse::net
