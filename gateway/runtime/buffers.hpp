// Buffers: the worker's memory for heads and bodies, in two sizes, kept in free lists so that an exchange allocates
// nothing after warm-up. A Buffer gives itself back. Idle connections own none. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::runtime {

class BufferPool;

/// A pooled block of bytes; empty when default-made or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { release(); }

  explicit operator bool() const noexcept { return data_ != nullptr; }
  char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::span<char> all() const noexcept { return {data_, size_}; }
  /// Gives the block back now.
  void release() noexcept;

 private:
  friend class BufferPool;
  Buffer(BufferPool* pool, char* data, std::size_t size) noexcept : pool_(pool), data_(data), size_(size) {}

  BufferPool* pool_{nullptr};
  char* data_{nullptr};
  std::size_t size_{0};
};

class BufferPool {
 public:
  static constexpr std::size_t small = 16 * 1024;   // a head, a piece of a short body
  static constexpr std::size_t large = 128 * 1024;  // bodies, and heads beyond the usual

  BufferPool();
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Buffer take_small() { return take(small_, small); }
  Buffer take_large() { return take(large_, large); }

  /// Blocks lent out at the moment.
  std::size_t lent() const noexcept { return lent_; }

 private:
  friend class Buffer;
  Buffer take(std::vector<char*>& free, std::size_t size);
  void give(char* data, std::size_t size) noexcept;

  // Free blocks beyond these go back to the allocator, so that a burst does not pin memory for ever.
  static constexpr std::size_t small_kept = 4096;
  static constexpr std::size_t large_kept = 128;

  std::vector<char*> small_;
  std::vector<char*> large_;
  std::size_t lent_{0};
};

inline void Buffer::release() noexcept {
  if (data_ == nullptr) return;
  pool_->give(std::exchange(data_, nullptr), size_);
  size_ = 0;
}

}  // namespace gatehouse::runtime
