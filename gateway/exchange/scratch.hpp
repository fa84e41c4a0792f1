// Scratch: room for the texts an exchange makes (X-Forwarded-For, ids, Host). A bump allocator: a page inside the exchange
// and, rarely, pooled buffers. What a request's head can ask for always fits: each text is made in one piece, so no text
// is longer than the head with a few additions, and there are fewer of them than pages. Views stay valid until the
// exchange ends.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "gatehouse/filters/result.hpp"
#include "gateway/runtime/buffers.hpp"

namespace gatehouse::exchange {

class Scratch {
 public:
  explicit Scratch(runtime::BufferPool& pool) noexcept : pool_(pool) { clear(); }

  void clear() noexcept {
    while (pages_used_ != 0) pages_[--pages_used_].release();
    free_ = {first_.data(), first_.size()};
  }
  /// Room for `size` bytes, at most a large buffer.
  std::span<char> take(std::size_t size) {
    if (size > free_.size()) {
      GH_ASSERT(pages_used_ < pages_.size() && size <= runtime::BufferPool::large);
      pages_[pages_used_] = size > runtime::BufferPool::small ? pool_.take_large() : pool_.take_small();
      free_ = pages_[pages_used_++].all();
    }
    const std::span<char> room = free_.first(size);
    free_ = free_.subspan(size);
    return room;
  }
  /// The pieces joined.
  template <class... Piece>
  std::string_view join(const Piece&... pieces) {
    const std::size_t size = (std::string_view(pieces).size() + ...);
    char* const room = take(size).data();
    char* at = room;
    ((at = put(at, std::string_view(pieces))), ...);
    return {room, size};
  }

 private:
  static char* put(char* at, std::string_view piece) noexcept {
    if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());  // an empty view may point nowhere
    return at + piece.size();
  }

  runtime::BufferPool& pool_;
  std::array<char, 1024> first_;
  std::span<char> free_;
  std::array<runtime::Buffer, 8> pages_;
  std::size_t pages_used_{0};
};

}  // namespace gatehouse::exchange
