// Scratch: room for the short texts an exchange makes (X-Forwarded-For, ids, a redirect's Location). A bump allocator
// in two pages: one inside the exchange and, rarely, one pooled buffer. Views stay valid until the exchange ends.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "gateway/runtime/buffers.hpp"

namespace gatehouse::exchange {

class Scratch {
 public:
  explicit Scratch(runtime::BufferPool& pool) noexcept : pool_(pool) { clear(); }

  void clear() noexcept {
    more_.release();
    free_ = {first_.data(), first_.size()};
  }
  /// Room for `size` bytes, or an empty span when even the second page has none (size > 16 KiB).
  std::span<char> take(std::size_t size) {
    if (size > free_.size()) {
      if (more_ || size > runtime::BufferPool::small) return {};
      more_ = pool_.take_small();
      free_ = more_.all();
    }
    const std::span<char> room = free_.first(size);
    free_ = free_.subspan(size);
    return room;
  }
  /// The pieces joined, or an empty view when there is no room.
  template <class... Piece>
  std::string_view join(const Piece&... pieces) {
    const std::size_t size = (std::string_view(pieces).size() + ...);
    const std::span<char> room = take(size);
    if (room.size() < size) return {};
    char* at = room.data();
    ((std::memcpy(at, std::string_view(pieces).data(), std::string_view(pieces).size()), at += std::string_view(pieces).size()), ...);
    return {room.data(), size};
  }

 private:
  runtime::BufferPool& pool_;
  std::array<char, 1024> first_;
  std::span<char> free_;
  runtime::Buffer more_;
};

}  // namespace gatehouse::exchange
