// Arena: memory that is handed out by moving a pointer and given back all at once. An inspection keeps one; after
// warm-up its pages are reused, so that nothing is allocated for a request. One owner, one thread. Nothing put here is
// destroyed, so only trivially destructible things belong in it.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gatehouse::filters {

class Arena {
 public:
  static constexpr std::size_t page_size = 16 * 1024;
  static constexpr std::size_t pages_kept = 4;

  /// `size` bytes, aligned for any scalar. Never null.
  char* room(std::size_t size) {
    size = (size + 7) & ~std::size_t{7};
    used_ += size;
    if (size > page_size / 4) return large_.emplace_back(new char[size]).get();  // shares no page
    if (size > left_) refill();
    char* place = next_;
    next_ += size;
    left_ -= size;
    return place;
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* place = room(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }
  template <class T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 8);
    return reinterpret_cast<T*>(room(count * sizeof(T)));
  }

  /// Takes everything back. Large pages are released, a few ordinary ones stay for the next request.
  void reset() noexcept {
    large_.clear();
    if (pages_.size() > pages_kept) pages_.resize(pages_kept);
    page_ = 0;
    next_ = nullptr;
    left_ = used_ = 0;
  }
  std::size_t used() const noexcept { return used_; }

 private:
  void refill() {
    if (page_ == pages_.size()) pages_.emplace_back(new char[page_size]);
    next_ = pages_[page_++].get();
    left_ = page_size;
  }

  std::vector<std::unique_ptr<char[]>> pages_;
  std::vector<std::unique_ptr<char[]>> large_;
  std::size_t page_{0};
  char* next_{nullptr};
  std::size_t left_{0};
  std::size_t used_{0};
};

}  // namespace gatehouse::filters
