#include "gateway/cache/disk/disk_tier.hpp"

#include <boost/asio/post.hpp>
#include <algorithm>
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

bool DiskTier::overloaded() const noexcept { return waiting_bytes_.load(std::memory_order_relaxed) > waiting_bytes_max; }

void DiskTier::put(ObjectRef object) {
  const BodyRef& body = object->body();
  const bool paged = body && body->pages() != nullptr;
  const std::uint64_t size = body && !paged ? body->length().value_or(0) : 0;
  if (overloaded() || size > log_.large_max()) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  write_soon(size, [this, object = std::move(object)] { log_.append(*object); });
}

BodyRef DiskTier::begin(const Key& key, std::optional<std::uint64_t> length) {
  if (overloaded() || length.value_or(0) > log_.large_max()) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  auto file = std::make_unique<DiskPages>(*this, key, log_.large_max());
  return Body::in_pages(Counted<Pages>(new Pages(std::move(file), length)));
}

void DiskTier::announce(const ObjectRef& object) {
  static_cast<DiskPages&>(object->body()->pages()->file()).belongs_to(variant_hash(*object));
  const std::scoped_lock held(announced_guard_);
  announced_.push_back(object);
  announced_count_ = announced_.size();
}

/// Whether it was there.
bool DiskTier::forget_announced(const Object& object) {
  const std::scoped_lock held(announced_guard_);
  const bool found = std::erase_if(announced_, [&](const ObjectRef& other) { return other.get() == &object; }) != 0;
  announced_count_ = announced_.size();
  return found;
}

void DiskTier::withdraw(const Object& object) { forget_announced(object); }

void DiskTier::complete(const ObjectRef& object) {
  write_soon(0, [this, object] {
    {
      const std::scoped_lock held(announced_guard_);
      if (std::ranges::find(announced_, object) == announced_.end()) return;  // erased
    }
    log_.append(*object);
    log_.flush();  // from here on it is found in the index
    forget_announced(*object);
  });
}

ObjectRef DiskTier::under_way(const Key& key, const Match& match) const {
  if (announced_count_.load(std::memory_order_relaxed) == 0) return {};
  const std::scoped_lock held(announced_guard_);
  for (const ObjectRef& object : announced_) {
    if (object->key() == key && purges_.check(*object) != Purged::gone && match(*object)) return object;
  }
  return {};
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
  return ask<ObjectRef>(worker, next_reader(), [this, key, match = std::move(match)] { return load(key, match); });
}

/// The body of content whose head was read; null when a page went with its segment.
BodyRef DiskTier::paged_body(const Object& seen, StoredPages pages) {
  if (pages.oldest < index_.oldest()) return {};
  const std::uint64_t length = pages.length;
  auto file = std::make_unique<DiskPages>(*this, seen.key(), std::move(pages));
  file->belongs_to(variant_hash(seen));
  return Body::in_pages(Counted<Pages>(new Pages(std::move(file), length, Pages::Complete{})));
}

ObjectRef DiskTier::load(const Key& key, const Match& match) {
  const Match wanted = [&](const Object& object) { return purges_.check(object) != Purged::gone && match(object); };
  const PagedBody paged = [this](const Object& seen, StoredPages pages) { return paged_body(seen, std::move(pages)); };
  for (const DiskPlace& place : index_.find(key)) {
    const SegmentRef segment = log_.segment(place.segment);
    if (!segment) continue;
    Loaded loaded = load_object(*segment, place, {key, wanted, paged});
    if (loaded.damaged || loaded.gone) index_.erase(key, place);
    if (loaded.damaged) damaged_.fetch_add(1, std::memory_order_relaxed);
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
  {
    const std::scoped_lock held(announced_guard_);
    std::erase_if(announced_, [&](const ObjectRef& object) { return object->key() == key; });
    announced_count_ = announced_.size();
  }
  return write(worker, [this, key] { return log_.append_erased(key); });
}

Task<bool> DiskTier::settled(runtime::Worker& worker) {
  return write(worker, [this] { return log_.flush(); });
}

DiskStats DiskTier::stats() const {
  return {index_.size(), index_.bytes(), hits_, misses_, damaged_, left_out_, log_.stats()};
}

}  // namespace gatehouse::cache
