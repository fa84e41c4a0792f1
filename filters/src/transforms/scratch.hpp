// Scratch: a buffer that grows and is used again and again, so that a transformation allocates only while its buffer is
// still smaller than the largest value it has met. One owner, one thread; views into it end with the next use.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace gatehouse::filters {

class Scratch {
 public:
  /// At least `bytes` writable bytes. What an earlier call returned is gone.
  char* room(std::size_t bytes) {
    if (bytes > capacity_) grow(bytes);
    return bytes_.get();
  }
  /// The first `size` bytes written since room().
  std::string_view view(std::size_t size) const noexcept { return {bytes_.get(), size}; }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  void grow(std::size_t bytes) {
    const std::size_t wanted = bytes < 256 ? 256 : bytes + bytes / 2;
    bytes_.reset(new char[wanted]);
    capacity_ = wanted;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_{0};
};

}  // namespace gatehouse::filters
