// Connections in memory for the session tests: a Link is one connection with the test at its far end, a MemoryStream the
// gateway's end of it. Readiness is edge-triggered as on a socket: an operation that finds nothing clears the port's
// flag, and Link::deliver() sets it again when there is something. Faults strikes one operation of one side, so that a
// test can try every operation of an exchange in turn. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "gateway/exchange/fault.hpp"
#include "gateway/net/stream.hpp"

namespace gatehouse::session {

/// What befalls the struck operation.
enum class Strike : std::uint8_t {
  none,
  reset,    // it fails, and so does everything after it
  end,      // the peer has closed: reads find the end, writes fail
  piece,    // it moves one byte; the rest can be moved a moment later
  blocked,  // it moves nothing, as after a wakeup without cause
  stall,    // it moves nothing, and neither does anything after it
  shut,     // the process ends: every connection is shut
};
const char* strike_name(Strike strike) noexcept;

/// Which operation is struck. Counts the operations of one side over all its connections.
struct Faults {
  exchange::Side side{exchange::Side::client};
  Strike strike{Strike::none};
  unsigned at{0};            // 1: the first operation
  bool every{false};         // from `at` on all of them: piece and blocked only
  unsigned seen{0};
  bool struck{false};
  std::function<void()> shut_all;

  Strike next(exchange::Side of) noexcept;
};

class MemoryStream;

/// One connection. The far end's part is public data; the near end is a MemoryStream, which may go away first.
class Link {
 public:
  Link(Faults& faults, exchange::Side side) noexcept : faults_(faults), side_(side) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  std::string to_gateway;      // sent by the far end
  std::size_t taken{0};        // ... and read of it
  bool peer_ended{false};      // the far end sends nothing more
  std::size_t room{1u << 20};  // what the gateway may still write before the far end reads on
  std::string from_gateway;    // all that the gateway wrote
  bool gateway_ended{false};   // its direction is over: nothing more will come
  bool was_reset{false};       // ... by a reset, so that the far end knows it may lack something

  /// Tells the near end what has become possible. Returns whether that was news. The near end may be gone afterwards.
  bool deliver();
  bool unread() const noexcept { return taken < to_gateway.size(); }
  bool near_gone() const noexcept { return near_ == nullptr; }
  void shut() noexcept;

 private:
  friend class MemoryStream;
  Faults& faults_;
  exchange::Side side_;
  MemoryStream* near_{nullptr};
  bool broken_{false};   // a reset, seen from the gateway
  bool stalled_{false};
  bool dead_{false};     // shut by the gateway's own process
};

class MemoryStream final : public net::Stream {
 public:
  explicit MemoryStream(Link& link) noexcept : link_(link) { link_.near_ = this; }
  ~MemoryStream() override;

  net::Io read(std::span<char> space) noexcept override;
  bool drained() const noexcept override { return !port_.in; }
  net::Io write(std::span<const iovec> pieces) noexcept override;
  void finish_writing() noexcept override { link_.gateway_ended = true; }
  void shut() noexcept override { link_.shut(); }
  void reset_on_close() noexcept override { link_.was_reset = true; }
  bool usable() noexcept override;
  runtime::Port& port() noexcept override { return port_; }

 private:
  friend class Link;
  /// Lets the plan strike. True: `io` is the outcome; false: the operation goes on and may move `most` bytes. `flag` is
  /// the port's for this direction.
  bool struck(net::Io& io, std::size_t& most, bool& flag) noexcept;

  Link& link_;
  runtime::Port port_;
};

}  // namespace gatehouse::session
