// Miss ratios of S3-FIFO, as the store uses it, beside LRU's on the same trace and bytes; and with the queues split over
// shards as the store splits them. No HTTP: sizes stand for content, and every miss inserts.
//
//   bench_cache [zipf]      a table on stdout
#include <cstdio>
#include <cstdlib>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "bench/cache/trace.hpp"
#include "gateway/cache/s3fifo.hpp"
#include "gateway/cache/siphash.hpp"

namespace {

using namespace gatehouse;
using bench::Access;

struct Ratios {
  double objects;
  double bytes;
};

class Counting {
 public:
  void count(const Access& access, bool hit) {
    ++requests_, bytes_ += access.size;
    if (!hit) ++misses_, missed_bytes_ += access.size;
  }
  Ratios ratios() const {
    return {static_cast<double>(misses_) / static_cast<double>(requests_),
            static_cast<double>(missed_bytes_) / static_cast<double>(bytes_)};
  }

 private:
  std::uint64_t requests_{0}, misses_{0}, bytes_{0}, missed_bytes_{0};
};

Ratios least_recently_used(const std::vector<Access>& trace, std::uint64_t capacity) {
  std::list<Access> order;  // newest first
  std::unordered_map<std::uint64_t, std::list<Access>::iterator> index;
  std::uint64_t bytes = 0;
  Counting counting;
  for (const Access& access : trace) {
    const auto found = index.find(access.object);
    counting.count(access, found != index.end());
    if (found != index.end()) {
      order.splice(order.begin(), order, found->second);
      continue;
    }
    if (access.size > capacity / 4) continue;
    order.push_front(access);
    index.emplace(access.object, order.begin());
    bytes += access.size;
    while (bytes > capacity) {
      bytes -= order.back().size;
      index.erase(order.back().object);
      order.pop_back();
    }
  }
  return counting.ratios();
}

struct Item : cache::S3Links {
  std::uint64_t object{0};
};

struct Shard {
  explicit Shard(std::uint64_t share) : capacity(share), fifo(share / cache::S3Links::weight_unit) {}
  std::uint64_t capacity;
  cache::S3Fifo<Item> fifo;
  std::unordered_map<std::uint64_t, std::unique_ptr<Item>> index;
};

Ratios s3_fifo(const std::vector<Access>& trace, std::uint64_t capacity, std::size_t shard_count) {
  std::vector<Shard> shards;
  for (std::size_t i = 0; i < shard_count; ++i) shards.emplace_back(capacity / shard_count);
  const auto hash = [](std::uint64_t object) {
    return cache::sip_hash_64({1, 2}, {reinterpret_cast<const char*>(&object), sizeof object});
  };
  const auto fingerprint = [&](const Item& item) { return static_cast<std::uint32_t>(hash(item.object)); };
  Counting counting;
  for (const Access& access : trace) {
    Shard& shard = shards[hash(access.object) >> 32 & (shard_count - 1)];
    const auto found = shard.index.find(access.object);
    counting.count(access, found != shard.index.end());
    if (found != shard.index.end()) {
      found->second->use();
      continue;
    }
    if (access.size > shard.capacity / 4) continue;
    auto item = std::make_unique<Item>();
    item->object = access.object;
    shard.fifo.insert(*item, cache::S3Links::weight_of(access.size), fingerprint(*item));
    const Item* const fresh = item.get();
    shard.index.emplace(access.object, std::move(item));
    while (shard.fifo.over()) {
      const Item* const victim = shard.fifo.evict(fingerprint, fresh);
      if (victim == nullptr) break;
      shard.index.erase(victim->object);
    }
  }
  return counting.ratios();
}

}  // namespace

int main(int argc, char** argv) {
  bench::TraceShape shape;
  if (argc > 1) shape.zipf = std::atof(argv[1]);
  const std::vector<Access> trace = bench::make_trace(shape);
  std::printf("%zu requests, Zipf %.2f, footprint %.1f GB\n", trace.size(), shape.zipf,
              static_cast<double>(bench::footprint(trace)) / 1e9);
  std::printf("%10s %8s %10s %10s %10s %12s\n", "room", "shards", "LRU", "S3-FIFO", "ratio", "bytes ratio");
  constexpr std::uint64_t mebibyte = 1u << 20;
  for (const std::uint64_t room : {100 * mebibyte, 500 * mebibyte, 1024 * mebibyte}) {
    const Ratios lru = least_recently_used(trace, room);
    const std::uint64_t split = room == 100 * mebibyte ? 4 : room == 500 * mebibyte ? 16 : 64;
    for (const std::uint64_t shards : {std::uint64_t{1}, split}) {
      const Ratios ours = s3_fifo(trace, room, shards);
      std::printf("%6llu MiB %8llu %10.3f %10.3f %10.3f %12.3f\n", static_cast<unsigned long long>(room / mebibyte),
                  static_cast<unsigned long long>(shards), lru.objects, ours.objects, ours.objects / lru.objects,
                  ours.bytes / lru.bytes);
    }
  }
  return 0;
}
