// Buffers: the worker's memory for heads and bodies, in two sizes, kept in free lists so that an exchange allocates
// nothing after warm-up. A Buffer gives itself back. Idle connections own none. One thread.
//
// What is taken to be given back before the next wait, as a rule, comes from a list of its own (take_brief): those few
// blocks stay in the processor's cache, while the others lie with the connections that wait.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::runtime {

class BufferPool;

namespace detail {

/// The free blocks of one kind.
struct Shelf {
  std::size_t size;  // of a block
  std::size_t kept;  // blocks beyond these go back to the allocator, so that a burst does not pin memory for ever
  std::size_t lent{0};
  std::vector<char*> free{};
};

}  // namespace detail

/// A pooled block of bytes; empty when default-made or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : shelf_(other.shelf_), data_(std::exchange(other.data_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(shelf_, other.shelf_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Buffer() { release(); }

  explicit operator bool() const noexcept { return data_ != nullptr; }
  char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return data_ != nullptr ? shelf_->size : 0; }
  std::span<char> all() const noexcept { return {data_, size()}; }
  /// Gives the block back now.
  void release() noexcept {
    if (data_ != nullptr) give_back();
  }

 private:
  friend class BufferPool;
  void give_back() noexcept;
  Buffer(detail::Shelf& shelf, char* data) noexcept : shelf_(&shelf), data_(data) {}

  detail::Shelf* shelf_{nullptr};
  char* data_{nullptr};
};

class BufferPool {
 public:
  static constexpr std::size_t small = 16 * 1024;   // a head, a piece of a short body
  static constexpr std::size_t large = 128 * 1024;  // bodies, and heads beyond the usual

  BufferPool();
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Buffer take_small() { return take(small_); }
  Buffer take_large() { return take(large_); }
  /// A small one that is not to be held over a wait; it may be, when a peer is slow.
  Buffer take_brief() { return take(brief_); }

  /// Blocks lent out at the moment.
  std::size_t lent() const noexcept { return small_.lent + large_.lent + brief_.lent; }

 private:
  friend class Buffer;
  static Buffer take(detail::Shelf& shelf);

  detail::Shelf small_{small, 4096};
  detail::Shelf large_{large, 128};
  detail::Shelf brief_{small, 256};
};

inline Buffer BufferPool::take(detail::Shelf& shelf) {
  ++shelf.lent;
  if (shelf.free.empty()) return Buffer(shelf, static_cast<char*>(::operator new(shelf.size)));
  char* const data = shelf.free.back();  // the last one given back is the one most likely in the processor's cache
  shelf.free.pop_back();
  return Buffer(shelf, data);
}

}  // namespace gatehouse::runtime
