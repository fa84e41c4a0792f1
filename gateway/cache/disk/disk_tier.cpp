#include "gateway/cache/disk/disk_tier.hpp"

#include <boost/asio/post.hpp>
#include <semaphore>

namespace gatehouse::cache {
namespace {

constexpr std::uint64_t waiting_bytes_max = 64u << 20;

/// Runs `work` on a thread that may block and resumes the caller on its own.
template <class T, class F>
struct Elsewhere {
  runtime::Worker& worker;
  boost::asio::io_context& io;
  F& work;
  std::optional<T> result{};

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    boost::asio::post(io, [this, caller] {
      result.emplace(work());
      worker.post([caller] { caller.resume(); });
    });
  }
  T await_resume() { return std::move(*result); }
};

}  // namespace

DiskTier::DiskTier(std::unique_ptr<Volume> volume, PurgeTable& purges, const DiskOptions& options)
    : volume_(std::move(volume)), purges_(purges), log_(*volume_, index_, purges_, options) {
  log_.recover();
}

DiskTier::~DiskTier() {
  std::binary_semaphore sealed(0);
  boost::asio::post(writer_.thread.io(), [&] {
    log_.seal();
    sealed.release();
  });
  sealed.acquire();
}

template <class T, class F>
Task<T> DiskTier::ask(runtime::Worker& worker, Hand& hand, F work) {
  Elsewhere<T, F> elsewhere{worker, hand.thread.io(), work};
  co_return co_await elsewhere;
}

void DiskTier::put(ObjectRef object) {
  const std::uint64_t size = object->body() ? object->body()->length().value_or(0) : 0;
  if (waiting_bytes_.load(std::memory_order_relaxed) > waiting_bytes_max || size > object_max()) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  waiting_bytes_ += size;
  ++waiting_jobs_;
  boost::asio::post(writer_.thread.io(), [this, size, object = std::move(object)] {
    log_.append(*object);
    waiting_bytes_ -= size;
    wrote_one();
  });
}

/// The last of those that waited takes what is in the buffer along.
void DiskTier::wrote_one() {
  if (--waiting_jobs_ == 0) log_.flush();
}

Task<bool> DiskTier::write(runtime::Worker& worker, std::function<bool()> work) {
  ++waiting_jobs_;
  return ask<bool>(worker, writer_, [this, work = std::move(work)] {
    const bool written = work();
    wrote_one();
    return written;
  });
}

Task<ObjectRef> DiskTier::find(runtime::Worker& worker, const Key& key, Match match) {
  if (!index_.has(key)) {
    misses_.fetch_add(1, std::memory_order_relaxed);
    return Task<ObjectRef>::now({});
  }
  Hand& hand = readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()];
  return ask<ObjectRef>(worker, hand, [this, key, match = std::move(match)] { return load(key, match); });
}

ObjectRef DiskTier::load(const Key& key, const Match& match) {
  const Match wanted = [&](const Object& object) { return purges_.check(object) != Purged::gone && match(object); };
  for (const DiskPlace& place : index_.find(key)) {
    const SegmentRef segment = log_.segment(place.segment);
    if (!segment) continue;
    Loaded loaded = load_object(*segment, place, key, wanted);
    if (loaded.damaged) {
      index_.erase(key, place);
      damaged_.fetch_add(1, std::memory_order_relaxed);
    }
    if (!loaded.object) continue;
    hits_.fetch_add(1, std::memory_order_relaxed);
    return std::move(loaded.object);
  }
  misses_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Task<bool> DiskTier::purge(runtime::Worker& worker, PurgeKind kind, std::string_view text, PurgeMode mode,
                           std::int64_t now_ms) {
  const PurgeRecord record = purges_.purge(kind, text, mode, now_ms);
  return write(worker, [this, record] { return log_.append(record); });
}

Task<bool> DiskTier::erase(runtime::Worker& worker, const Key& key) {
  index_.erase(key);  // at once; the log follows
  return write(worker, [this, key] { return log_.append_erased(key); });
}

Task<bool> DiskTier::settled(runtime::Worker& worker) {
  return write(worker, [this] { return log_.flush(); });
}

DiskStats DiskTier::stats() const {
  return {index_.size(), index_.bytes(), hits_, misses_, damaged_, left_out_, log_.stats()};
}

}  // namespace gatehouse::cache
