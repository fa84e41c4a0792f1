// Body: the content of a response while it arrives and afterwards. One filler appends; any number of readers, each on
// its own worker, read at their own pace from the first byte on. Bytes once written never move nor change, so a reader
// sends them from where they lie.
//
//   BodyRef body = Body::make(length);        // filler: append(), then complete() or fail()
//   Reader reader(worker, body);              // reader: next() until the last piece
//
// Content of a known length up to block_exact lies behind the Body itself; else it is a chain of blocks. A body that
// is not to be kept (pass_on) drops blocks as its readers leave them behind, and its filler waits in room() while more
// than a window is held. A complete body costs a reader neither lock nor wait: its state is one atomic word. While it
// fills, a lock out of a small fixed set guards it, and who waits is resumed through its own worker's post().
//
// Content that is too large for memory is in Pages instead (in_pages); who fills and reads it does so in the same way.
//
// Any thread; append(), complete(), fail(), pass_on() and room() are for the one filler.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/cache/counted.hpp"
#include "gateway/cache/pages.hpp"
#include "gateway/exchange/exchange.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::cache {

using exchange::Fault;
using exchange::Piece;
using exchange::Try;
using runtime::Task;

class Body;
using BodyRef = Counted<Body>;

class Reader;

/// Where a body's content lies when it is not behind the Body itself.
struct Block {
  Block* next{nullptr};
  // In the first block of a complete body:
  std::uint64_t total{0};    // the content's size
  Block* trailers{nullptr};  // the trailer section, which is no content; null: none
  std::uint32_t size{0};   // room
  std::uint32_t used{0};
  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
};

class Body {
 public:
  static constexpr std::size_t block_min = 16 * 1024;
  static constexpr std::size_t block_max = 256 * 1024;
  static constexpr std::size_t block_exact = 1024 * 1024;

  enum class State : std::uint8_t { filling, complete, failed };

  /// A body that is being filled; of a known length when there is one. A length of 0 is complete at once.
  static BodyRef make(std::optional<std::uint64_t> length);
  /// A body whose content is in pages.
  static BodyRef in_pages(Counted<Pages> pages);
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  State state() const noexcept;
  bool complete() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    return in_memory(word) || (kind(word) == Kind::paged && pointer<Pages>(word)->complete());
  }
  /// Whether all of the content is there, in memory.
  bool in_memory() const noexcept { return in_memory(word_.load(std::memory_order_acquire)); }
  /// The pages that the content is in; null when it is in memory.
  Pages* pages() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    return kind(word) == Kind::paged ? pointer<Pages>(word) : nullptr;
  }
  /// The content's size: once complete, or when it was known from the start.
  std::optional<std::uint64_t> length() const noexcept;
  /// What a complete body of a known length costs beside its content.
  static constexpr std::size_t overhead = sizeof(std::uint64_t) + sizeof(std::uint32_t);
  /// The trailer section that came behind the content, in lines `name: value CRLF`; empty without one, until the end, and for
  /// content in pages.
  std::string_view trailers() const noexcept;
  /// The content of a complete body in memory, as it lies.
  std::vector<std::span<const char>> pieces() const;
  /// Memory it takes, by the allocator's sizes.
  std::size_t held() const noexcept;

  // For the filler.
  /// Copies the bytes behind what there is and wakes who waits for them. Not beyond a known length.
  void append(std::span<const char> bytes);
  /// Nothing follows but these trailers, which only content whose length was not announced has. Short of a known length this
  /// is a failure (origin_body_short).
  void finish(std::string_view trailers = {});
  /// Readers get what has arrived and then the fault.
  void fail(Fault fault);
  /// From here on content is dropped when all readers are past it. Nobody may start to read any more.
  void pass_on(std::size_t window);
  /// Waits while more than the window is held for readers; not when nobody reads. Only after pass_on().
  Task<> room(runtime::Worker& worker);
  /// Whether there were readers and none is left; of pages: and what arrives is not kept either.
  bool abandoned() const noexcept;
  /// `told` is called when the last reader goes, on that reader's thread and with the body locked: it may post to a
  /// worker and nothing else. A null function withdraws it; then it is not under way either.
  void watch_readers(void (*told)(void*) noexcept, void* context) noexcept;

 private:
  friend class Reader;
  friend class Woken;
  template <class>
  friend class Counted;
  struct Filling;
  struct Room;
  // One word tells all: what the body is in the upper byte, and below it the size (exact), the first block (chained),
  // what is known while it fills (filling), or its pages (paged).
  enum class Kind : std::uint8_t { filling, paged, exact, chained };
  static constexpr unsigned kind_shift = 56;
  static constexpr std::uint64_t value_mask = (std::uint64_t{1} << kind_shift) - 1;
  static Kind kind(std::uint64_t word) noexcept { return static_cast<Kind>(word >> kind_shift); }
  static bool in_memory(std::uint64_t word) noexcept { return kind(word) >= Kind::exact; }  // all of it
  static std::uint64_t value(std::uint64_t word) noexcept { return word & value_mask; }
  static std::uint64_t word_of(Kind kind, std::uint64_t value) noexcept {
    return (static_cast<std::uint64_t>(kind) << kind_shift) | value;
  }
  template <class T>
  static T* pointer(std::uint64_t word) noexcept { return reinterpret_cast<T*>(value(word)); }

  Body() = default;
  ~Body();
  static void destroy(Body* body) noexcept;
  Filling* filling() const noexcept;
  void publish(Filling& filling, Block* fresh, std::size_t n);
  void settle(Filling& filling);
  void shorten_last(Filling& filling);
  Task<> wait_for_room(runtime::Worker& worker);

  std::atomic<std::uint64_t> word_{0};
  std::atomic<std::uint32_t> refs_{0};
  char data_[];  // content of a known length
};

/// One reading of a body, or of the range [from, to) of it. Lives on its worker; the body stays alive with it.
class Reader {
 public:
  static constexpr std::uint64_t to_the_end = ~std::uint64_t{0};

  Reader(runtime::Worker& worker, BodyRef body, std::uint64_t from = 0, std::uint64_t to = to_the_end);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  /// The next bytes; valid until the next call. Waits while the body fills. The piece with `last` may be empty; after
  /// it, or a fault, there is nothing to ask for.
  Task<Try<Piece>> next();
  /// The next bytes if there are any at the moment; never waits.
  std::optional<Try<Piece>> at_hand();
  /// Makes a next() that waits, and all later ones, fail with Errc::none. On the reader's worker.
  void stop() noexcept;
  const Body& body() const noexcept { return *body_; }
  bool reads_to_the_end() const noexcept { return to_ == to_the_end; }
  /// Where the next piece begins.
  std::uint64_t at() const noexcept { return at_; }
  /// Whether at_hand() has nothing because the content lies on a disk that takes its time.
  bool awaits_disk() const noexcept { return pages_ && pages_->awaits_file(); }

 private:
  friend class Body;
  friend class Woken;
  struct Arrival;
  Task<Try<Piece>> wait();
  Try<Piece> complete_piece(std::uint64_t word);
  std::optional<Try<Piece>> filling_piece();
  std::optional<Try<Piece>> arrived(Body::Filling& filling);
  std::uint64_t enter_block(Block* first, std::uint64_t first_from);
  Piece cut(const char* data, std::uint64_t size, std::uint64_t total_end);

  runtime::Worker& worker_;
  BodyRef body_;
  std::uint64_t at_;
  std::uint64_t to_;
  std::uint64_t held_from_;       // bytes from here on may still be in use; guarded by the body's lock
  Block* block_{nullptr};         // the block that `at_` lies in or ends
  std::uint64_t block_from_{0};   // where that block begins
  Reader* before_{nullptr};       // the body's readers while it fills; guarded by its lock
  Reader* after_{nullptr};
  std::coroutine_handle<> waiting_;  // guarded by the body's lock
  std::coroutine_handle<> resuming_;  // taken by who wakes it
  Reader* woken_next_{nullptr};
  std::unique_ptr<PageReader> pages_;  // of a body in pages: it does all the work
  bool joined_{false};
  bool stopped_{false};
};

}  // namespace gatehouse::cache
