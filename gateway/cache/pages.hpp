// Pages: the content of a body that is not to lie in memory as a whole: it is cut into pages of one size, which go to a
// PageFile while content arrives and come back from it when somebody reads. In memory are the pages that are not written
// yet, the one that each reader is in, and a few ahead of it; readers that are at the same place share them.
//
// The filler waits (room()) while more than a few pages wait to be written. When a page cannot be written, nothing more
// is: what has not gone to the readers yet stays in memory, the filler waits for the slowest of them, and the content is
// not kept. A page that cannot be read any more ends its readers with Errc::stored_lost, never with other bytes.
//
// Belongs to a Body. Any thread; append(), finish(), fail() and room() are for the one filler.
#pragma once

#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "gateway/cache/counted.hpp"
#include "gateway/exchange/exchange.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::cache {

inline constexpr std::size_t page_size = 256 * 1024;

/// A page in memory, or on its way there.
struct Page {
  enum class State : std::uint8_t { coming, there, lost };
  explicit Page(std::uint32_t number) noexcept : number(number) {}
  const std::uint32_t number;
  State state{State::coming};    // guarded by its Pages
  std::unique_ptr<char[]> room;  // what stands in it does not change once it was told
  std::size_t content_at{0};     // where in it the content begins
  char* data() const noexcept { return room.get() + content_at; }
};
using PageRef = std::shared_ptr<Page>;

/// Where a page lies: a segment's sequence, and the record in it, in units of its alignment.
struct PagePlace {
  std::uint32_t segment{0};
  std::uint32_t offset{0};
  bool operator==(const PagePlace&) const = default;
};

/// Where all pages of a content lie.
struct PageList {
  std::uint64_t generation{0};  // tells the pages of one filling from those of another
  std::vector<PagePlace> places;
};

/// Where the pages of one content go and come from.
class PageFile {
 public:
  /// Told once, on a thread of the file's and never within the call itself: whether the page is there. The file does not hold
  /// it any more then.
  using Told = std::function<void(bool)>;

  virtual ~PageFile() = default;
  virtual void write(PageRef page, std::size_t size, Told told) = 0;
  /// Gives the page room and its content.
  virtual void read(PageRef page, std::size_t size, Told told) = 0;
  /// Whether all pages that were written may still be there, as far as is known without looking.
  virtual bool whole() const noexcept = 0;
  /// A page turned out not to be there any more.
  virtual void lost() noexcept = 0;
  /// Where the pages lie; nothing when one was not written.
  virtual std::optional<PageList> list() const = 0;
};

class PageReader;

class Pages {
 public:
  static constexpr std::size_t waiting_max = 8;  // pages, to be written or to be read by who is slowest

  /// Content of which nothing is there yet; its length where that is known.
  Pages(std::unique_ptr<PageFile> file, std::optional<std::uint64_t> length) noexcept;
  /// Content that lies in the file.
  struct Complete {};
  Pages(std::unique_ptr<PageFile> file, std::uint64_t length, Complete) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  static void destroy(Pages* pages) noexcept { delete pages; }

  PageFile& file() const noexcept { return *file_; }
  bool complete() const noexcept { return complete_.load(std::memory_order_acquire); }
  bool failed() const noexcept;
  std::optional<std::uint64_t> length() const noexcept;
  /// Whether what arrives is written.
  bool kept() const noexcept;
  /// Memory that belongs to it for good: what the places of its pages take.
  std::size_t held() const noexcept;

  void append(std::span<const char> bytes);
  void finish();
  void fail(exchange::Fault fault);
  runtime::Task<> room(runtime::Worker& worker);
  /// Not kept, and those who read it have gone.
  bool abandoned() const noexcept;

 private:
  friend class PageReader;
  template <class>
  friend class Counted;
  struct Room;
  class Wakeup;

  runtime::Task<> wait_for_room(runtime::Worker& worker);
  std::size_t size_of(std::uint32_t number) const noexcept;
  void write_filled();
  void written(PageRef page, bool there);
  void loaded(PageRef page, bool there);
  PageRef page(std::uint32_t number);
  void let_go(PageRef& page) noexcept;
  void drop_read() noexcept;
  bool has_room() const noexcept;

  const std::unique_ptr<PageFile> file_;
  std::atomic<bool> complete_{false};
  std::atomic<std::uint32_t> refs_{0};
  PageRef filling_;                // the filler's own
  mutable std::mutex guard_;       // of all that follows
  std::optional<std::uint64_t> length_;
  std::uint64_t produced_{0};
  std::map<std::uint32_t, PageRef> unwritten_;
  std::unordered_map<std::uint32_t, std::weak_ptr<Page>> shared_;  // read from the file, and somebody has them
  std::size_t writing_{0};         // pages handed to the file
  PageReader* readers_{nullptr};
  std::coroutine_handle<> room_waiting_;
  runtime::Worker* room_worker_{nullptr};
  exchange::Fault fault_{};
  bool kept_{true};
  bool failed_{false};
  bool had_readers_{false};
};

/// One reading of pages, or of the range [from, to). Lives on its worker; the Pages outlive it.
class PageReader {
 public:
  PageReader(Pages& pages, runtime::Worker& worker, std::uint64_t from, std::uint64_t to);
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;
  ~PageReader();

  /// As Reader's.
  std::optional<exchange::Try<exchange::Piece>> at_hand();
  runtime::Task<exchange::Try<exchange::Piece>> wait();
  void stop() noexcept;
  /// Whether at_hand() has nothing because the file takes its time, not because it has not arrived yet.
  bool awaits_file() const noexcept;

 private:
  friend class Pages;
  struct Arrival;
  static constexpr std::size_t pages_held = 3;  // the one it is in and those ahead

  std::uint64_t end() const noexcept;
  bool can_go() const noexcept;
  void step_to(std::uint32_t number);
  exchange::Try<exchange::Piece> cut();

  Pages& pages_;
  runtime::Worker& worker_;
  std::uint64_t at_;
  const std::uint64_t to_;
  // Guarded by the pages' lock, as is at_ for others.
  std::array<PageRef, pages_held> held_;
  PageReader* before_{nullptr};
  PageReader* after_{nullptr};
  std::coroutine_handle<> waiting_;
  std::coroutine_handle<> resuming_;  // taken by who wakes it
  PageReader* woken_next_{nullptr};
  bool stopped_{false};
};

}  // namespace gatehouse::cache
