// What a purge by tag costs with a million objects of five tags each: the purge itself, and the lookups behind it, where each
// object is checked against the purges once. Lookups are those of a trace with Zipf popularity, and of a walk through all
// objects, the worst there is.
//
//   bench_tag_purge [objects]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/cache/trace.hpp"
#include "gateway/cache/store.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::cache;
using Clock = std::chrono::steady_clock;

constexpr std::size_t tags_each = 5;
constexpr std::size_t tags_in_all = 100'000;

double ns_since(Clock::time_point start) { return std::chrono::duration<double, std::nano>(Clock::now() - start).count(); }

ObjectRef make_object(Store& store, const Key& key, std::size_t number) {
  const std::string url = "https://bench.example/objects/" + std::to_string(number);
  BodyRef body = Body::make(4);
  body->append(std::string_view("text"));
  body->finish();
  http::Response response;
  response.status = 200;
  std::uint64_t tags[tags_each];
  for (std::size_t i = 0; i < tags_each; ++i) {
    tags[i] = store.purges().hash_of("tag-" + std::to_string((number * 7919 + i * 104729) % tags_in_all));
  }
  ObjectSpec spec;
  spec.key = key;
  spec.key_text = url;
  spec.tags = tags;
  spec.epoch = store.purges().epoch();
  spec.freshness.lifetime_s = 3600;
  return Object::make(response, spec, std::move(body));
}

struct Lookups {
  double ns{0};  // each
  std::size_t hits{0};
};

Lookups look_up(Store& store, const std::vector<Key>& keys, const std::vector<std::uint32_t>& order) {
  Lookups done;
  const auto start = Clock::now();
  for (const std::uint32_t number : order) done.hits += static_cast<bool>(store.find(keys[number], [](const Object&) { return true; }).object);
  done.ns = ns_since(start) / static_cast<double>(order.size());
  return done;
}

void measure(Store& store, const std::vector<Key>& keys, const std::vector<std::uint32_t>& order, const char* name, const std::string& tag) {
  look_up(store, keys, order);
  const Lookups before = look_up(store, keys, order);
  const auto start = Clock::now();
  store.purges().purge(PurgeKind::tag, tag, PurgeMode::hard, 0);
  const double purge_ns = ns_since(start);
  const Lookups first = look_up(store, keys, order), then = look_up(store, keys, order);
  std::printf("%-28s purge %.1f us; a lookup %.0f ns before, %.0f ns behind it, %.0f ns when all were seen; %zu of %zu lookups miss\n", name,
              purge_ns / 1000, before.ns, first.ns, then.ns, order.size() - then.hits, order.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t objects = argc > 1 ? static_cast<std::size_t>(std::atoll(argv[1])) : 1'000'000;
  StoreOptions options;
  options.bytes_max = std::uint64_t{8} << 30;
  options.secret = random_secret();
  Store store(options);
  std::vector<Key> keys;
  std::vector<std::uint32_t> walk;
  for (std::size_t i = 0; i < objects; ++i) {
    keys.push_back(make_key(options.secret, {std::to_string(i)}));
    walk.push_back(static_cast<std::uint32_t>(i));
    if (!store.insert(make_object(store, keys.back(), i))) return 1;
  }
  std::vector<std::uint32_t> popular;
  bench::TraceShape shape;
  shape.objects = static_cast<std::uint32_t>(objects);
  shape.one_hit = shape.drift = shape.scan = 0;
  for (const bench::Access& access : bench::make_trace(shape)) popular.push_back(static_cast<std::uint32_t>(access.object % objects));
  std::printf("%zu objects of %zu tags\n", objects, tags_each);
  measure(store, keys, popular, "by popularity (4 M)", "tag-1");
  measure(store, keys, walk, "each object once", "tag-2");
  return 0;
}
