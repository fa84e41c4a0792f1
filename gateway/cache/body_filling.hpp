// What is known of a body while it fills: its blocks, who reads and who waits. Private to body.cpp and reader.cpp; all
// of it is guarded by the body's lock, but for what only the filler touches.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "gateway/cache/body.hpp"

namespace gatehouse::cache {

/// The lock of a body, out of a set that all bodies share: a mutex of its own would cost every stored object 40 bytes.
std::mutex& body_lock(const Body* body) noexcept;

struct Body::Filling {
  std::optional<std::uint64_t> length;
  std::uint64_t produced{0};
  std::size_t blocks_held{0};     // the allocator's sizes
  char* exact{nullptr};           // where content of a known length lies
  Block* first{nullptr};
  Block* last{nullptr};
  Block* trailers{nullptr};
  std::uint64_t first_from{0};    // where the first block begins
  Reader* readers{nullptr};
  std::coroutine_handle<> room_waiting;
  runtime::Worker* room_worker{nullptr};
  void (*told)(void*) noexcept {nullptr};
  void* told_context{nullptr};
  std::size_t window{0};
  Fault fault{};
  bool passing{false};
  bool ended{false};
  bool failed{false};
  bool had_readers{false};

  void join(Reader& reader) noexcept;
  void leave(Reader& reader) noexcept;
  /// Bytes that some reader may still need.
  std::uint64_t unread() const noexcept;
  bool has_room() const noexcept { return unread() <= window || readers == nullptr || failed; }
  /// Frees blocks that all readers have left behind.
  void drop_blocks() noexcept;
  /// Whether no reader uses the last block, so that another may take its place.
  bool last_is_unused() const noexcept;
};

/// Those who are to be resumed, taken under the lock and resumed after it.
class Woken {
 public:
  void take_readers(Body::Filling& filling) noexcept;
  void take_room(Body::Filling& filling) noexcept;
  void resume();

 private:
  Reader* readers_{nullptr};  // through woken_next_
  std::coroutine_handle<> room_;
  runtime::Worker* room_worker_{nullptr};
};

}  // namespace gatehouse::cache
