// A disk tier in a folder of its own, asked from outside of any worker.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "gateway/cache/disk/disk_tier.hpp"
#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache::test {

/// A folder that goes with this object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-disk-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

/// A worker that is driven from a thread of the test's.
struct Outside {
  explicit Outside(unsigned index = 0) : worker(index, 1) {}
  /// Runs what a worker would await.
  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    const auto run = [&]() -> Task<> { result.emplace(co_await task); };
    worker.spawn("wait", run());
    worker.io().restart();
    while (!result) worker.io().run_one();
    return std::move(*result);
  }
  runtime::Worker worker;
};

/// The tier with its purge table; opening again is a restart.
class OnDisk : public Outside {
 public:
  explicit OnDisk(const std::filesystem::path& folder, DiskOptions options = small()) {
    auto volume = Volume::open(folder);
    if (!volume) throw std::runtime_error(volume.error());
    purges = std::make_unique<PurgeTable>((*volume)->secret());
    tier = std::make_unique<DiskTier>(std::move(*volume), *purges, options);
  }
  static DiskOptions small() {
    DiskOptions options;
    options.bytes_max = 64u << 20;
    options.segment_bytes = 1u << 20;
    return options;
  }

  ObjectRef find(std::string_view url, Match match = [](const Object&) { return true; }) {
    return wait(tier->find(worker, key_of(url), std::move(match)));
  }
  void put(std::string_view url, std::string_view content, ObjectSpec spec = {}) {
    spec.epoch = purges->epoch();
    tier->put(object_of(url, body_of(content), spec));
  }
  bool settle() { return wait(tier->settled(worker)); }
  bool purge(PurgeKind kind, std::string_view text) {
    return wait(tier->purge(worker, kind, text, PurgeMode::hard, 0));
  }

  std::unique_ptr<PurgeTable> purges;
  std::unique_ptr<DiskTier> tier;
};

inline std::string content_of(const ObjectRef& object) {
  std::string text;
  for (const auto piece : object->body()->pieces()) text.append(piece.data(), piece.size());
  return text;
}

}  // namespace gatehouse::cache::test
