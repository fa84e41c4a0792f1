// CompressionRoom: how much memory the compressors that are under way take together, with a limit, and what they did. Shared by
// all workers; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "gateway/cdn/compressor.hpp"

namespace gatehouse::cdn {

class CompressionRoom {
 public:
  static constexpr std::size_t bytes_max = 64 * 1024 * 1024;

  /// A compressor's share, given back when it goes. Empty when there is no room.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : room_(std::exchange(other.room_, nullptr)), size_(other.size_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(room_, other.room_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~Share() {
      if (room_ != nullptr) room_->held_.fetch_sub(size_, std::memory_order_relaxed);
    }
    explicit operator bool() const noexcept { return room_ != nullptr; }

   private:
    friend class CompressionRoom;
    Share(CompressionRoom& room, std::size_t size) noexcept : room_(&room), size_(size) {}
    CompressionRoom* room_{nullptr};
    std::size_t size_{0};
  };

  Share take(std::size_t size) noexcept {
    const std::size_t before = held_.fetch_add(size, std::memory_order_relaxed);
    Share share(*this, size);
    if (before + size <= bytes_max) return share;
    skipped_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  /// A response was compressed as a whole.
  void done(Coding coding, std::uint64_t plain, std::uint64_t compressed) noexcept {
    Counts& counts = counts_[static_cast<unsigned>(coding)];
    counts.responses.fetch_add(1, std::memory_order_relaxed);
    counts.plain.fetch_add(plain, std::memory_order_relaxed);
    counts.compressed.fetch_add(compressed, std::memory_order_relaxed);
  }

  struct Done {
    std::uint64_t responses;
    std::uint64_t plain_bytes;
    std::uint64_t compressed_bytes;
  };
  Done counts(Coding coding) const noexcept {
    const Counts& counts = counts_[static_cast<unsigned>(coding)];
    return {counts.responses.load(std::memory_order_relaxed), counts.plain.load(std::memory_order_relaxed),
            counts.compressed.load(std::memory_order_relaxed)};
  }
  /// Responses that were stored as they came because there was no room.
  std::uint64_t skipped() const noexcept { return skipped_.load(std::memory_order_relaxed); }

 private:
  struct Counts {
    std::atomic<std::uint64_t> responses{0};
    std::atomic<std::uint64_t> plain{0};
    std::atomic<std::uint64_t> compressed{0};
  };
  std::atomic<std::size_t> held_{0};
  std::atomic<std::uint64_t> skipped_{0};
  Counts counts_[codings];
};

}  // namespace gatehouse::cdn
