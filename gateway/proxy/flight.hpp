// Flight: one fetch for the cache that is under way, and who waits for it. Requests for the same thing join the flight
// of the first one instead of asking the origin again; all are told at once when the response's head is there (it has
// landed), and read the content as it arrives. Flights finds the flight to join.
//
// The fetch belongs to the cache: it goes on when the client that began it is gone. Any thread; interim(), land() and
// keep_reader() are for the one that fetches.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/object.hpp"
#include "gateway/exchange/exchange.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"
#include "gateway/upstream/endpoint.hpp"

namespace gatehouse::proxy {

/// What a fetch came to.
struct Landing {
  enum class Kind : std::uint8_t {
    stored,   // the object may be used for all that it matches
    passing,  // the response is for the one that began the flight alone; the others ask for themselves
    trouble,  // the origin has given no usable answer
    again,    // what was stored turned out to be useless; ask without it
  };
  Kind kind{Kind::trouble};
  cache::Trouble trouble{cache::Trouble::unreachable};
  exchange::Fault fault{};          // of trouble
  std::uint16_t origin_status{0};   // what the origin answered; 0: nothing
  bool validated{false};            // by a 304: the content is what was stored before
  cache::ObjectRef object;          // stored, passing
  cache::ObjectRef whole;           // stored: the head with all its fields, where some are for the first client alone
  std::string_view detail;          // passing: why it is not stored; static text
  std::string age;                  // the Age that the origin sent

  // For the account of the exchange that began the flight.
  upstream::EndpointState* endpoint{nullptr};
  std::uint64_t sent_ns{0};
  std::uint64_t head_ns{0};
  std::uint16_t retries{0};
};

class Flight;
using FlightRef = cache::Counted<Flight>;

class Flight {
 public:
  Flight(const cache::Key& key, std::string_view vary_names, std::string_view selector)
      : key_(key), vary_names_(vary_names), selector_(selector) {}
  static void destroy(Flight* flight) noexcept { delete flight; }

  const cache::Key& key() const noexcept { return key_; }
  bool is_for(const cache::Key& key, std::string_view vary_names, std::string_view selector) const noexcept {
    return key_ == key && vary_names_ == vary_names && selector_ == selector;
  }

  /// An interim head (1xx) that everybody who waits is to be sent.
  void interim(cache::ObjectRef head);
  void land(Landing landing);
  /// What is stored under the key has become invalid meanwhile: what this flight brings is not to be stored.
  void invalidate() noexcept { invalid_.store(true, std::memory_order_release); }
  bool invalid() const noexcept { return invalid_.load(std::memory_order_acquire); }

  enum class News : std::uint8_t { landed, interim, time_is_up, client_gone };
  /// Waits for the landing, for more interim heads than `seen`, until `limit` is over (0: no limit), or until the client's
  /// connection is gone for good. On the client's worker.
  runtime::Task<News> wait(exchange::Exchange& client, std::size_t seen, std::chrono::milliseconds limit);
  /// After the landing; it does not change any more.
  const Landing& landing() const noexcept { return landing_; }
  cache::ObjectRef interim_head(std::size_t index) const;

  /// The reader of content that passes through, made before the content begins to be dropped; for the one that began
  /// the flight, on whose worker it was made.
  void keep_reader(std::unique_ptr<cache::Reader> reader) noexcept { reader_ = std::move(reader); }
  std::unique_ptr<cache::Reader> take_reader() noexcept { return std::move(reader_); }

 private:
  template <class>
  friend class cache::Counted;
  struct Wait;

  void wake_all();
  bool withdraw(Wait& wait);

  const cache::Key key_;
  const std::string vary_names_;
  const std::string selector_;
  mutable std::mutex guard_;
  std::vector<Wait*> waiting_;
  std::vector<cache::ObjectRef> interims_;
  Landing landing_;
  bool landed_{false};
  std::unique_ptr<cache::Reader> reader_;
  std::atomic<bool> invalid_{false};
  std::atomic<std::uint32_t> refs_{0};
};

/// The flights that have not landed.
class Flights {
 public:
  struct Joined {
    FlightRef flight;
    bool leads{false};  // it was made for the caller, who is to fetch
  };
  /// The flight for a key whose vary names and selector are these; both empty where a URL's Vary is not known.
  Joined join(const cache::Key& key, std::string_view vary_names, std::string_view selector);
  /// To be called when a flight lands, after what it brought can be found in the store.
  void remove(const Flight& flight);
  /// See Flight::invalidate().
  void invalidate(const cache::Key& key);

 private:
  static constexpr std::size_t shards = 32;
  struct Shard {
    std::mutex guard;
    std::unordered_multimap<std::uint64_t, FlightRef> flights;
  };
  Shard& shard_of(const cache::Key& key) noexcept { return shards_[key.b % shards]; }

  std::array<Shard, shards> shards_;
};

}  // namespace gatehouse::proxy
