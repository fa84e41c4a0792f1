#include "gateway/proxy/flight.hpp"

#include <boost/asio/steady_timer.hpp>
#include <optional>

namespace gatehouse::proxy {

/// One wait of one coroutine; lives in its frame.
struct Flight::Wait {
  Flight& flight;
  exchange::Exchange& client;
  std::size_t seen;
  std::chrono::milliseconds limit;
  std::coroutine_handle<> handle{};
  bool client_gone{false};
  std::optional<boost::asio::steady_timer> timer{};
  std::shared_ptr<bool> alive{};  // the timer's handler may run after the wait is over

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    handle = waiter;
    if (limit.count() > 0) start_timer();
    client.watch_client(&see_gone, this);
    const std::lock_guard lock(flight.guard_);
    if (flight.landed_ || flight.interims_.size() > seen) return false;
    flight.waiting_.push_back(this);
    return true;
  }
  void await_resume() noexcept {
    client.watch_client(nullptr, nullptr);
    if (alive) *alive = false;
  }

 private:
  void start_timer() {
    alive = std::make_shared<bool>(true);
    timer.emplace(client.worker.io(), limit);
    timer->async_wait([this, alive = alive](const boost::system::error_code& error) {
      if (!error && *alive && flight.withdraw(*this)) handle.resume();
    });
  }
  static void see_gone(void* self) noexcept {
    auto& wait = *static_cast<Wait*>(self);
    if (!wait.flight.withdraw(wait)) return;  // it has been woken already
    wait.client_gone = true;
    // Not from here: what tells of it is the connection that the waiter may end.
    wait.client.worker.post([handle = wait.handle] { handle.resume(); });
  }
};

runtime::Task<Flight::News> Flight::wait(exchange::Exchange& client, std::size_t seen, std::chrono::milliseconds limit) {
  Wait wait{*this, client, seen, limit};
  co_await wait;
  if (wait.client_gone) co_return News::client_gone;
  const std::lock_guard lock(guard_);
  if (interims_.size() > seen) co_return News::interim;  // first: a head after the landing would be too late
  if (landed_) co_return News::landed;
  co_return News::time_is_up;
}

/// Takes a wait out that is over for a reason of its own; false when it has been woken already. On its worker.
bool Flight::withdraw(Wait& wait) {
  const std::lock_guard lock(guard_);
  return std::erase(waiting_, &wait) != 0;
}

/// With the guard held.
void Flight::wake_all() {
  for (Wait* const wait : waiting_) {
    wait->client.worker.post([handle = wait->handle] { handle.resume(); });
  }
  waiting_.clear();
}

void Flight::interim(cache::ObjectRef head) {
  const std::lock_guard lock(guard_);
  interims_.push_back(std::move(head));
  wake_all();
}

cache::ObjectRef Flight::interim_head(std::size_t index) const {
  const std::lock_guard lock(guard_);
  return interims_.at(index);
}

void Flight::land(Landing landing) {
  const std::lock_guard lock(guard_);
  if (landed_) return;
  landing_ = std::move(landing);
  landed_ = true;
  wake_all();
}

Flights::Joined Flights::join(const cache::Key& key, std::string_view vary_names, std::string_view selector) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.guard);
  const auto [begin, end] = shard.flights.equal_range(key.a);
  for (auto at = begin; at != end; ++at) {
    if (at->second->is_for(key, vary_names, selector)) return {at->second, false};
  }
  FlightRef made(new Flight(key, vary_names, selector));
  shard.flights.emplace(key.a, made);
  return {std::move(made), true};
}

void Flights::remove(const Flight& flight) {
  FlightRef gone;
  Shard& shard = shard_of(flight.key());
  const std::lock_guard lock(shard.guard);
  const auto [begin, end] = shard.flights.equal_range(flight.key().a);
  for (auto at = begin; at != end; ++at) {
    if (at->second.get() != &flight) continue;
    gone = std::move(at->second);
    shard.flights.erase(at);
    return;
  }
}

void Flights::invalidate(const cache::Key& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.guard);
  const auto [begin, end] = shard.flights.equal_range(key.a);
  for (auto at = begin; at != end; ++at) {
    if (at->second->key() == key) at->second->invalidate();
  }
}

}  // namespace gatehouse::proxy
