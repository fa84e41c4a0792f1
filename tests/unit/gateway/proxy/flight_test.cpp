#include "gateway/proxy/flight.hpp"

#include <gtest/gtest.h>

#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {
namespace {

using runtime::Task;
using runtime::Worker;
using std::chrono::milliseconds;

const cache::Key key{1, 2};

/// A client whose connection can go.
class Patient final : public exchange::Exchange {
 public:
  using Exchange::Exchange;
  void go() {
    ASSERT_NE(told_, nullptr);
    told_(context_);
  }
  bool watched() const noexcept { return told_ != nullptr; }

  exchange::Try<exchange::Piece> body_at_hand() override { return exchange::Piece{{}, true}; }
  Task<exchange::Try<void>> invite_body() override { return done(); }
  Task<exchange::Try<exchange::Piece>> read_body() override { return Task<exchange::Try<exchange::Piece>>::now(exchange::Piece{{}, true}); }
  const http::FieldList* request_trailers() const noexcept override { return nullptr; }
  bool body_complete() const noexcept override { return true; }
  Task<exchange::Try<void>> send_interim(const http::Response&) override { return done(); }
  Task<exchange::Try<void>> send_head(http::Response&, exchange::Piece) override { return done(); }
  Task<exchange::Try<void>> send_body(exchange::Piece, const http::FieldList*) override { return done(); }
  exchange::Wire* splice_target() noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  bool reply_started() const noexcept override { return false; }
  void abort() noexcept override {}
  void stop_body() noexcept override {}
  void watch_client(void (*told)(void*) noexcept, void* context) noexcept override {
    told_ = told;
    context_ = context;
  }

 private:
  static Task<exchange::Try<void>> done() { return Task<exchange::Try<void>>::now(exchange::Try<void>{}); }
  void (*told_)(void*) noexcept {nullptr};
  void* context_{nullptr};
};

/// Waits on a worker of the test's own thread, and says what it was told.
struct Waiting {
  explicit Waiting(Worker& worker, FlightRef flight, std::size_t seen = 0, milliseconds limit = milliseconds(0)) : client(worker) {
    worker.spawn("wait", wait(worker, std::move(flight), seen, limit));
  }
  Task<> wait(Worker& worker, FlightRef flight, std::size_t seen, milliseconds limit) {
    news = co_await flight->wait(client, seen, limit);
    told = true;
    worker.stop();
  }
  Patient client;
  Flight::News news{};
  bool told{false};
};

Landing trouble() {
  Landing landing;
  landing.fault = exchange::fault_of(exchange::Errc::connect_failed);
  return landing;
}

TEST(Flight, the_first_leads_and_others_with_the_same_wishes_join) {
  Flights flights;
  const Flights::Joined first = flights.join(key, "accept", "a");
  EXPECT_TRUE(first.leads);
  EXPECT_EQ(flights.join(key, "accept", "a").flight, first.flight);
  EXPECT_FALSE(flights.join(key, "accept", "a").leads);
  EXPECT_TRUE(flights.join(key, "accept", "b").leads);
  EXPECT_TRUE(flights.join({1, 3}, "accept", "a").leads);
  flights.remove(*first.flight);
  EXPECT_TRUE(flights.join(key, "accept", "a").leads);
}

TEST(Flight, who_waits_is_told_when_it_lands_and_who_comes_later_at_once) {
  Worker worker(0, 1);
  Flights flights;
  const FlightRef flight = flights.join(key, {}, {}).flight;
  const Waiting early(worker, flight);
  EXPECT_FALSE(early.told);
  flight->land(trouble());
  worker.run();
  EXPECT_TRUE(early.told);
  EXPECT_EQ(early.news, Flight::News::landed);
  const Waiting late(worker, flight);
  EXPECT_TRUE(late.told);
  EXPECT_EQ(flight->landing().fault.what, exchange::Errc::connect_failed);
}

TEST(Flight, lands_once) {
  const FlightRef flight(new Flight(key, {}, {}));
  flight->land(trouble());
  Landing second;
  second.kind = Landing::Kind::again;
  flight->land(std::move(second));
  EXPECT_EQ(flight->landing().kind, Landing::Kind::trouble);
}

TEST(Flight, a_limit_ends_the_wait_and_not_the_flight) {
  Worker worker(0, 1);
  const FlightRef flight(new Flight(key, {}, {}));
  const Waiting waiting(worker, flight, 0, milliseconds(5));
  worker.run();
  EXPECT_EQ(waiting.news, Flight::News::time_is_up);
  flight->land(trouble());  // nobody waits any more
  EXPECT_EQ(flight->landing().kind, Landing::Kind::trouble);
}

TEST(Flight, a_client_that_goes_away_waits_no_longer_and_the_flight_goes_on) {
  Worker worker(0, 1);
  const FlightRef flight(new Flight(key, {}, {}));
  Waiting gone(worker, flight);
  Waiting stays(worker, flight);
  gone.client.go();
  EXPECT_FALSE(gone.told) << "what tells of it is the connection itself";
  worker.run();
  EXPECT_EQ(gone.news, Flight::News::client_gone);
  EXPECT_FALSE(gone.client.watched());
  EXPECT_FALSE(stays.told);
  flight->land(trouble());
  worker.io().restart();
  worker.run();
  EXPECT_EQ(stays.news, Flight::News::landed);
}

TEST(Flight, a_client_that_goes_when_it_has_been_woken_is_told_of_the_landing) {
  Worker worker(0, 1);
  const FlightRef flight(new Flight(key, {}, {}));
  Waiting waiting(worker, flight);
  flight->land(trouble());
  waiting.client.go();
  worker.run();
  EXPECT_EQ(waiting.news, Flight::News::landed);
}

TEST(Flight, interim_heads_are_told_before_the_landing) {
  Worker worker(0, 1);
  const FlightRef flight(new Flight(key, {}, {}));
  flight->interim({});
  flight->land(trouble());
  const Waiting first(worker, flight, 0);
  EXPECT_EQ(first.news, Flight::News::interim);
  const Waiting second(worker, flight, 1);
  EXPECT_EQ(second.news, Flight::News::landed);
}

TEST(Flight, an_invalidation_reaches_all_that_is_under_way_for_the_key) {
  Flights flights;
  const FlightRef one = flights.join(key, {}, {}).flight, two = flights.join(key, "accept", "a").flight;
  const FlightRef other = flights.join({1, 3}, {}, {}).flight;
  flights.invalidate(key);
  EXPECT_TRUE(one->invalid());
  EXPECT_TRUE(two->invalid());
  EXPECT_FALSE(other->invalid());
}

TEST(PassingKeys, are_remembered_for_two_minutes_with_the_reason) {
  PassingKeys keys;
  constexpr std::int64_t now = 1'700'000'000'000;
  EXPECT_FALSE(keys.has(key, now));
  keys.add(key, now, "no-store");
  EXPECT_TRUE(keys.has(key, now));
  EXPECT_TRUE(keys.has(key, now + 119'000));
  EXPECT_FALSE(keys.has(key, now + 121'000));
  EXPECT_EQ(keys.why_not(key), "no-store");
}

TEST(PassingKeys, a_stored_response_forgets_them_and_another_key_is_not_meant) {
  PassingKeys keys;
  keys.add({1, std::uint64_t{1} << 40}, 1000, "private");
  EXPECT_FALSE(keys.has({1, std::uint64_t{1} << 41}, 1000));
  keys.remove({1, std::uint64_t{1} << 40});
  EXPECT_FALSE(keys.has({1, std::uint64_t{1} << 40}, 1000));
}

}  // namespace
}  // namespace gatehouse::proxy
