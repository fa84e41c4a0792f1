#include "gateway/observe/registry.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace gatehouse::observe {
namespace {

MetricNames some_names() { return MetricNames{{"none", "connect_failed"}, {"client", "origin", "gateway"}, {"dial"}}; }

TEST(MetricsRegistry, the_same_labels_keep_their_id_and_others_get_the_next) {
  MetricsRegistry registry(some_names());
  const SeriesId a = registry.route({"http", "10"});
  const SeriesId b = registry.route({"http", "20"});
  EXPECT_NE(a, series_other);
  EXPECT_NE(a, b);
  EXPECT_EQ(registry.route({"http", "10"}), a);
  EXPECT_EQ(registry.routes().find({"http", "20"}), b);
  EXPECT_EQ(registry.routes().find({"http", "30"}), series_other);
}

TEST(MetricsRegistry, beyond_the_cap_everything_is_counted_as_other) {
  MetricLimits limits;
  limits.endpoints = 3;  // "other" and two more
  MetricsRegistry registry(some_names(), limits);
  WorkerMetrics& worker = registry.add_worker();
  EXPECT_EQ(registry.endpoint({"web", "a:1", "r", ""}), 1u);
  EXPECT_EQ(registry.endpoint({"web", "a:2", "r", ""}), 2u);
  EXPECT_EQ(registry.endpoint({"web", "a:3", "r", ""}), series_other);
  worker.endpoint(series_other).answered(200, 1000);
  EXPECT_EQ(registry.sum_endpoint(series_other).requests.total(), 1u);
  EXPECT_EQ(registry.endpoint({"web", "a:1", "r", ""}), 1u);
}

TEST(MetricsRegistry, sums_go_over_all_workers) {
  MetricsRegistry registry(some_names());
  WorkerMetrics& one = registry.add_worker();
  const SeriesId route = registry.route({"http", "10"});
  WorkerMetrics& two = registry.add_worker();  // a late worker has room for the ids given before
  one.route(route).finished(200, 60'000, 100, 1000);
  two.route(route).finished(404, 70'000, 200, 2000);
  two.route(route).finished(599, 80'000, 1, 2);
  const RouteSum sum = registry.sum_route(route);
  EXPECT_EQ(sum.requests.slots[status_slot(200)], 1u);
  EXPECT_EQ(sum.requests.slots[status_slot(404)], 1u);
  EXPECT_EQ(sum.requests.of_class(5), 1u);
  EXPECT_EQ(sum.bytes_in, 301u);
  EXPECT_EQ(sum.bytes_out, 3002u);
  EXPECT_EQ(sum.duration.count(), 3u);
  EXPECT_EQ(sum.duration.sum_ns, 210'000u);
  EXPECT_EQ(registry.requests_total(), 3u);
}

TEST(MetricsRegistry, faults_cost_a_table_only_once_there_was_one) {
  MetricsRegistry registry(some_names());
  WorkerMetrics& worker = registry.add_worker();
  const SeriesId route = registry.route({"http", "10"});
  EXPECT_EQ(worker.route(route).faults(), nullptr);
  EXPECT_TRUE(registry.sum_route(route).faults.empty());
  worker.route(route).fault(1, 1);
  worker.route(route).fault(1, 1);
  worker.route(route).fault(9, 1);  // no such side: ignored
  EXPECT_EQ(registry.sum_route(route).faults[1 * fault_reasons_max + 1], 2u);
}

TEST(MetricsRegistry, a_listener_has_as_many_active_connections_as_were_accepted_and_not_closed) {
  MetricsRegistry registry(some_names());
  WorkerMetrics& worker = registry.add_worker();
  ListenerSeries& listener = worker.listener(registry.listener("https"));
  listener.accepted.add(3);
  listener.closed.add();
  listener.rejected(Rejection::client_limit);
  listener.handshake(HandshakeResult::ok, TlsVersion::tls_1_3, true);
  const ListenerSum sum = registry.sum_listener(registry.listener("https"));
  EXPECT_EQ(sum.active, 2u);
  EXPECT_EQ(sum.rejected[1], 1u);
  EXPECT_EQ(sum.handshakes[0][2][1], 1u);
  EXPECT_EQ(sum.handshakes[0][2][0], 0u);
}

// For the thread sanitizer: series are added and read while workers count, and no count is lost.
TEST(MetricsRegistry, workers_count_while_series_are_added_and_read) {
  constexpr std::uint64_t rounds = 100'000;
  MetricsRegistry registry(some_names());
  WorkerMetrics* workers[2]{&registry.add_worker(), &registry.add_worker()};
  std::atomic<SeriesId> newest{registry.route({"http", "0"})};
  std::vector<std::thread> threads;
  for (WorkerMetrics* worker : workers) {
    threads.emplace_back([&newest, worker] {
      for (std::uint64_t i = 0; i < rounds; ++i) {
        RouteSeries& route = worker->route(newest.load(std::memory_order_acquire));
        route.finished(200, i, 1, 2);
        if (i % 1000 == 0) route.fault(1, 1);
      }
    });
  }
  std::uint64_t seen = 0;
  for (int i = 1; i < 200; ++i) {
    newest.store(registry.route({"http", std::to_string(i)}), std::memory_order_release);
    const std::uint64_t now = registry.requests_total();
    EXPECT_GE(now, seen);
    seen = now;
    registry.sum_route(newest.load());
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(registry.requests_total(), 2 * rounds);
}

TEST(StatusCounters, known_codes_have_their_own_slot_and_the_rest_that_of_their_class) {
  EXPECT_EQ(status_label(status_slot(200)), "200");
  EXPECT_EQ(status_label(status_slot(504)), "504");
  EXPECT_EQ(status_label(status_slot(299)), "2xx");
  EXPECT_EQ(status_label(status_slot(100)), "1xx");
  EXPECT_EQ(status_label(status_slot(0)), "none");
  EXPECT_EQ(status_label(status_slot(700)), "none");
  EXPECT_EQ(status_class(status_slot(418)), 4u);
  EXPECT_EQ(status_class(status_slot(503)), 5u);
  EXPECT_EQ(status_class(status_slot(65535)), 0u);
}

}  // namespace
}  // namespace gatehouse::observe
