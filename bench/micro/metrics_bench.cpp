// What observing costs a worker per request: the counters of one proxied request, and its access log line into a ring
// that a writer empties. The budgets are 25 ns and 400 ns.
#include <benchmark/benchmark.h>

#include <atomic>
#include <thread>

#include "gateway/observe/access_log.hpp"
#include "gateway/observe/registry.hpp"

namespace {

using namespace gatehouse::observe;

/// Route, endpoint and both histograms, over as many routes as an ordinary configuration has.
void count_one_request(benchmark::State& state) {
  MetricsRegistry registry(MetricNames{});
  WorkerMetrics& metrics = registry.add_worker();
  constexpr unsigned routes = 16;
  SeriesId route[routes];
  SeriesId endpoint[routes];
  for (unsigned i = 0; i < routes; ++i) {
    route[i] = registry.route({"https", std::to_string(i)});
    endpoint[i] = registry.endpoint({"web", std::to_string(i), "eu", "a"});
  }
  std::uint64_t i = 0;
  for (auto _ : state) {
    const unsigned at = i % routes;
    const std::uint64_t took = 50'000 + (i * 7919 & 0xfffff);
    EndpointSeries& origin = metrics.endpoint(endpoint[at]);
    origin.active.add(1);
    origin.reused.add();
    origin.bytes_sent.add(500);
    origin.bytes_received.add(1200);
    origin.answered(200, took - 20'000);
    origin.active.add(-1);
    metrics.route(route[at]).finished(200, took, 480, 1300);
    ++i;
    benchmark::ClobberMemory();
  }
}
BENCHMARK(count_one_request);

/// The part the budget names: route, endpoint and their histograms, without the endpoint's bytes and active requests.
void count_route_and_endpoint(benchmark::State& state) {
  MetricsRegistry registry(MetricNames{});
  WorkerMetrics& metrics = registry.add_worker();
  const SeriesId route = registry.route({"https", "10"});
  const SeriesId endpoint = registry.endpoint({"web", "10.0.0.1:80", "eu", "a"});
  std::uint64_t took = 60'000;
  for (auto _ : state) {
    took += 131;
    metrics.endpoint(endpoint).answered(200, took);
    metrics.route(route).finished(200, took, 480, 1300);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(count_route_and_endpoint);

AccessRecord browser_request() {
  AccessRecord r;
  r.wall_ns = 1'714'566'896'789'012'345u;
  r.request_id = "Root=1-663234f0-0123456789abcdef01234567";
  r.client = "192.0.2.113:50123";
  r.listener = "https";
  r.method = "GET";
  r.host = "shop.example.com";
  r.path = "/catalogue/shoes/running/42";
  r.query = "color=blue&sort=price&page=3";
  r.has_query = true;
  r.status = 200;
  r.bytes_in = 812;
  r.bytes_out = 14231;
  r.route = "10";
  r.target_group = "web";
  r.endpoint = "10.20.30.40:8080";
  r.region = "eu-north-1";
  r.duration_ns = 1'234'567;
  r.origin_ns = 1'100'000;
  r.protocol = "HTTP/1.1";
  r.user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";
  r.referer = "https://shop.example.com/catalogue/shoes";
  r.tls_version = "TLSv1.3";
  r.tls_cipher = "TLS_AES_128_GCM_SHA256";
  return r;
}

/// Formatting alone: the same thread empties the ring for nothing.
void format_access_line(benchmark::State& state) {
  LogBell bell;
  LogRing ring(1 << 20, bell);
  AccessLog log(ring);
  AccessRecord record = browser_request();
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    record.wall_ns += 1'000;
    record.bytes_out += 17;
    log.write(record);
    const std::size_t waiting = ring.waiting().size();
    bytes += waiting;
    ring.consume(waiting);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(format_access_line);

/// With another thread on the consuming end, as in service.
void format_access_line_with_a_reader(benchmark::State& state) {
  LogBell bell;
  LogRing ring(1 << 20, bell);
  AccessLog log(ring);
  AccessRecord record = browser_request();
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      ring.consume(ring.waiting().size());
    }
  });
  for (auto _ : state) {
    record.wall_ns += 1'000;
    log.write(record);
  }
  stop = true;
  reader.join();
  state.counters["dropped"] = static_cast<double>(ring.dropped());
}
BENCHMARK(format_access_line_with_a_reader);

}  // namespace

BENCHMARK_MAIN();
