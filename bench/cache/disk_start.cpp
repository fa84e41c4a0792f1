// How long a start takes that finds a million objects on disk, and what their index takes. Writes them first, into a
// folder of its own under the one given, and removes it.
//
//   bench_disk_start [folder [objects]]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "gateway/cache/disk/disk_log.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::cache;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

ObjectRef make_object(const Secret& secret, std::size_t number) {
  const std::string url = "https://bench.example/objects/" + std::to_string(number);
  const std::string_view content = "some content that is not long";
  BodyRef body = Body::make(content.size());
  body->append(content);
  body->finish();
  http::Response response;
  response.status = 200;
  response.fields.add("content-type", "text/plain");
  response.fields.add("cache-control", "max-age=3600");
  const std::uint64_t tags[] = {1, 2};
  ObjectSpec spec;
  spec.key = make_key(secret, {url});
  spec.key_text = url;
  spec.tags = tags;
  return Object::make(response, spec, std::move(body));
}

/// A process's use of the volume, from opening to sealing.
struct Life {
  explicit Life(const std::filesystem::path& folder)
      : volume(std::move(Volume::open(folder)).value()), purges(volume->secret()), log(*volume, index, purges, {}) {
    log.recover();
  }
  std::unique_ptr<Volume> volume;
  PurgeTable purges;
  DiskIndex index;
  DiskLog log;
};

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = std::filesystem::path(argc > 1 ? argv[1] : "/tmp") / "gatehouse-bench-disk";
  const std::size_t objects = argc > 2 ? static_cast<std::size_t>(std::atoll(argv[2])) : 1'000'000;
  std::filesystem::remove_all(folder);
  {
    Life life(folder);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < objects; ++i) life.log.append(*make_object(life.volume->secret(), i));
    life.log.seal();
    std::printf("written: %.1f MB in %.2f s\n", static_cast<double>(life.log.stats().written) / 1e6, seconds_since(start));
  }
  const auto start = Clock::now();
  const Life life(folder);
  std::printf("started: %zu objects in %.2f s, %llu segments, %.1f bytes of index an object\n", life.index.size(),
              seconds_since(start), static_cast<unsigned long long>(life.log.stats().segments),
              static_cast<double>(life.index.bytes()) / static_cast<double>(life.index.size()));
  std::filesystem::remove_all(folder);
  return life.index.size() == objects ? 0 : 1;
}
