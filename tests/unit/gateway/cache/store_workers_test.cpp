// Several workers at once on one store: filling, reading, replacing, purging, evicting. What is read must be what was
// filled, whoever got in between. Meant for the thread sanitizer as well.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <string>

#include "gateway/cache/store.hpp"
#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

using runtime::Worker;

constexpr std::size_t urls = 40;
constexpr int rounds = 300;

std::size_t size_of(std::uint64_t seed) { return seed % 5 == 0 ? 0 : seed * 7919 % 60'000; }
char letter(std::uint64_t seed, std::size_t at) { return static_cast<char>('a' + (seed + at / 97) % 26); }

/// What happens on one worker.
class Actor {
 public:
  Actor(Store& store, unsigned number, std::atomic<int>& running)
      : worker_(number, number + 1), store_(store), running_(running) {}

  void start() {
    ++running_;
    worker_.post([this] { worker_.spawn("act", act()); });
    worker_.start();
  }
  void stop() {
    worker_.stop();
    worker_.join();
  }
  std::uint64_t reads{0}, wrong{0}, hits{0};

 private:
  Task<> act() {
    for (int round = 0; round < rounds; ++round) {
      const std::size_t number = worker_.random().next() % urls;
      const std::string url = "http://a/" + std::to_string(number);
      if (worker_.random().next() % 50 == 0) store_.purges().purge(PurgeKind::url, url, PurgeMode::hard, 0);
      Found found = store_.find(test::key_of(url), [&](const Object& object) { return object.key_text() == url; });
      hits += static_cast<bool>(found.object);
      if (!found.object) found.object = begin_fill(url);
      co_await read(*found.object);
      co_await worker_.yield();
    }
    while (fills_ != 0) co_await worker_.yield();
    --running_;
  }

  ObjectRef begin_fill(const std::string& url) {
    const std::uint64_t seed = worker_.random().next() >> 32;
    const std::size_t size = size_of(seed);
    const bool known = seed % 2 == 0;
    ObjectSpec spec;
    spec.epoch = store_.purges().epoch();
    spec.freshness.response_ms = static_cast<std::int64_t>(seed);
    ObjectRef object = test::object_of(url, Body::make(known ? std::optional<std::uint64_t>(size) : std::nullopt), spec);
    store_.insert(object);
    ++fills_;
    worker_.spawn("fill", fill(object, seed));
    return object;
  }

  Task<> fill(ObjectRef object, std::uint64_t seed) {
    const std::size_t size = size_of(seed);
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = letter(seed, i);
    for (std::size_t at = 0; at < size; at += 9000) {
      object->body()->append(std::string_view(text).substr(at, 9000));
      store_.account(*object);
      co_await worker_.yield();
    }
    if (!object->body()->complete()) object->body()->finish();
    store_.account(*object);
    --fills_;
  }

  Task<> read(const Object& object) {
    const auto seed = static_cast<std::uint64_t>(object.freshness().response_ms);
    Reader reader(worker_, object.body());
    std::size_t at = 0;
    bool sound = true;
    for (bool last = false; !last;) {
      const Try<Piece> piece = co_await reader.next();
      if (!piece) break;
      for (const char c : piece->bytes) sound = sound && c == letter(seed, at++);
      last = piece->last;
    }
    ++reads;
    wrong += !sound || at != size_of(seed);
  }

  Worker worker_;
  Store& store_;
  std::atomic<int>& running_;
  int fills_{0};
};

TEST(StoreOnWorkers, gives_every_reader_what_was_filled) {
  StoreOptions options;
  options.bytes_max = 600'000;  // a third of what is asked for: objects are evicted all the time
  Store store(options);
  std::atomic<int> running{0};
  std::deque<Actor> actors;
  for (unsigned i = 0; i < 4; ++i) actors.emplace_back(store, i, running);
  for (Actor& actor : actors) actor.start();
  while (running != 0) std::this_thread::yield();
  for (Actor& actor : actors) actor.stop();
  std::uint64_t reads = 0, hits = 0;
  for (const Actor& actor : actors) {
    EXPECT_EQ(actor.wrong, 0u);
    reads += actor.reads;
    hits += actor.hits;
  }
  EXPECT_EQ(reads, 4u * rounds);
  EXPECT_GT(hits, reads / 20);
  EXPECT_LE(store.stats().bytes, options.bytes_max);
}

/// Many waiters on one body that arrives slowly, from workers that are not the filler's.
TEST(StoreOnWorkers, wakes_all_who_wait_for_one_body) {
  constexpr int readers = 60;
  const BodyRef body = Body::make(std::nullopt);
  std::atomic<int> done{0}, sound{0};
  std::deque<Worker> workers;
  for (unsigned i = 0; i < 3; ++i) workers.emplace_back(i, i + 1);
  const auto read = [&](Worker& worker) -> Task<> {
    Reader reader(worker, body);
    std::string text;
    for (bool last = false; !last;) {
      const Try<Piece> piece = co_await reader.next();
      if (!piece) break;
      text.append(piece->bytes.data(), piece->bytes.size());
      last = piece->last;
    }
    sound += text == std::string(200'000, 'x');
    ++done;
  };
  for (int i = 0; i < readers; ++i) workers[static_cast<std::size_t>(i % 3)].spawn("read", read(workers[static_cast<std::size_t>(i % 3)]));
  for (Worker& worker : workers) worker.start();
  for (int i = 0; i < 2000; ++i) body->append(std::string(100, 'x'));
  body->finish();
  while (done != readers) std::this_thread::yield();
  for (Worker& worker : workers) worker.stop(), worker.join();
  EXPECT_EQ(sound, readers);
}

}  // namespace
}  // namespace gatehouse::cache
