// TicketKeys: the keys that seal session tickets (RFC 5077 4), shared by all workers and listeners and kept over
// reloads, so that a client resumes on any worker. Three are alive: `current` seals, `previous` and `next` only open;
// a ticket therefore lives for one to two rotation periods. The control thread rotates; any thread seals and opens.
// The lock is held for the copy of one key, once in a handshake.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace gatehouse::tls {

struct TicketKey {
  std::array<unsigned char, 16> name{};  // travels in the clear and says which key to try
  std::array<unsigned char, 32> cipher{};
  std::array<unsigned char, 32> mac{};
};

class TicketKeys {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Fresh random keys; the period must be positive.
  TicketKeys(std::chrono::milliseconds period, Time now);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  /// Rotates as often as periods have passed. Control thread; any rhythm.
  void tick(Time now);
  /// One rotation, due or not.
  void rotate();
  /// A reload changed the period; the keys stay.
  void set_period(std::chrono::milliseconds period);
  std::chrono::milliseconds period() const;
  /// How many rotations there have been.
  std::uint64_t rotations() const;

  /// The key that seals new tickets.
  TicketKey current() const;
  enum class Found : std::uint8_t { none, current, other };  // other: opens, but hand out a new ticket
  /// The key of that name.
  Found find(const unsigned char* name, TicketKey& key) const;

 private:
  void rotate_locked();

  mutable std::mutex mutex_;
  std::chrono::milliseconds period_;
  Time rotated_;
  std::uint64_t rotations_{0};
  TicketKey previous_;
  TicketKey current_;
  TicketKey next_;
};

}  // namespace gatehouse::tls
