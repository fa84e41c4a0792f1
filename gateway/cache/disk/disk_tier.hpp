// DiskTier: stored responses that outlive a restart and do not fit into memory. Objects are handed over complete and
// written by one thread into a log of segments; they are read by two more. No worker ever waits for the disk with its
// thread: find(), purge() and erase() are awaited and go on where they were called.
//
//   auto volume = Volume::open(folder);                 // first: its secret is that of the store's keys
//   Store store({.secret = (*volume)->secret()});
//   DiskTier disk(std::move(*volume), store.purges(), options);
//
// Content that is too large for memory goes through it in pages (pages.hpp) while it arrives: begin() makes its body,
// announce() lets others find the object meanwhile, complete() writes its head, without which nothing of it exists. Found
// again its content is read page by page.
//
// A purge is in the log, and synced, before its answer, and holds again after a crash. What cannot be read as it was
// written is a miss. When more waits to be written than a bound, objects are left out. Any thread; to be destroyed when
// no worker runs any more but all still exist; that seals what was written.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <array>
#include <atomic>
#include <coroutine>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "gateway/cache/disk/disk_log.hpp"
#include "gateway/cache/disk/disk_pages.hpp"
#include "gateway/cache/disk/load.hpp"
#include "gateway/runtime/context_thread.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::cache {

struct DiskStats {
  std::uint64_t objects{0};
  std::uint64_t index_bytes{0};
  std::uint64_t hits{0};
  std::uint64_t misses{0};
  std::uint64_t damaged{0};    // records that were not as written
  std::uint64_t left_out{0};   // objects not taken because too much waited
  DiskLog::Stats log;
};

class DiskTier {
 public:
  /// Reads what the volume holds, before it returns.
  DiskTier(std::unique_ptr<Volume> volume, PurgeTable& purges, const DiskOptions& options);
  DiskTier(const DiskTier&) = delete;
  DiskTier& operator=(const DiskTier&) = delete;
  ~DiskTier();

  /// Objects with more content than this are not kept.
  std::uint64_t object_max() const noexcept { return log_.large_max(); }

  /// Hands an object over to be written, soon. Its body must be complete. Not for what was read from here, unless it has a
  /// new head: then content in pages stays where it is.
  void put(ObjectRef object);
  /// The newest variant of the URL for which `match` holds and that was not purged; empty when there is none. `match`
  /// runs on another thread while the caller waits. Ends at once when nothing of the URL is stored. Whether the object
  /// was purged softly PurgeTable::check() says.
  Task<ObjectRef> find(runtime::Worker& worker, const Key& key, Match match);

  /// The body of an object that is to be written while its content arrives; empty when it is too large or too much waits.
  BodyRef begin(const Key& key, std::optional<std::uint64_t> length);
  /// Whoever asks for it now can read along. It has a body from begin().
  void announce(const ObjectRef& object);
  /// All its content has arrived: it exists when that and its head are written, unless it was erased meanwhile.
  void complete(const ObjectRef& object);
  /// It comes to nothing.
  void withdraw(const Object& object);
  /// An announced object of the URL for which `match` holds and that was not purged.
  ObjectRef under_way(const Key& key, const Match& match) const;

  /// Purges in the table that memory and disk share, and notes it. False when it could not be written: then it holds
  /// until a restart.
  Task<bool> purge(runtime::Worker& worker, PurgeKind kind, std::string_view text, PurgeMode mode, std::int64_t now_ms);
  /// Forgets all variants of a URL, for good when it answers true.
  Task<bool> erase(runtime::Worker& worker, const Key& key);
  /// Waits until all that was put before is written.
  Task<bool> settled(runtime::Worker& worker);

  DiskStats stats() const;

 private:
  friend class DiskPages;
  /// A thread that does what is posted to it until it is stopped.
  struct Hand {
    Hand() : work(thread.io().get_executor()) { thread.start(); }
    runtime::ContextThread thread;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  };
  template <class T, class F>
  Task<T> ask(runtime::Worker& worker, Hand& hand, F work);
  template <class F>
  void write_soon(std::size_t size, F work);
  template <class F>
  void read_soon(F work);
  Hand& next_reader() noexcept { return readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()]; }
  bool overloaded() const noexcept;
  Task<bool> write(runtime::Worker& worker, std::function<bool()> work);
  ObjectRef load(const Key& key, const Match& match);
  BodyRef paged_body(const Object& seen, StoredPages pages);
  bool forget_announced(const Object& object);
  void wrote_one();

  std::unique_ptr<Volume> volume_;
  PurgeTable& purges_;
  DiskIndex index_;
  DiskLog log_;
  std::atomic<std::uint64_t> waiting_jobs_{0};
  std::atomic<std::uint64_t> waiting_bytes_{0};
  std::atomic<std::uint64_t> hits_{0}, misses_{0}, damaged_{0}, left_out_{0}, turn_{0};
  mutable std::mutex announced_guard_;  // of announced_
  std::vector<ObjectRef> announced_;
  std::atomic<std::size_t> announced_count_{0};
  Hand writer_;
  std::array<Hand, 2> readers_;
};

template <class F>
void DiskTier::write_soon(std::size_t size, F work) {
  waiting_bytes_ += size;
  ++waiting_jobs_;
  boost::asio::post(writer_.thread.io(), [this, size, work = std::move(work)]() mutable {
    work();
    waiting_bytes_ -= size;
    wrote_one();
  });
}

template <class F>
void DiskTier::read_soon(F work) {
  boost::asio::post(next_reader().thread.io(), std::move(work));
}

}  // namespace gatehouse::cache
