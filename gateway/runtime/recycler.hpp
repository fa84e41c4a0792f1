// Recycler<T>: a worker's free list of large objects that are used again as they are (an exchange with its field
// arrays), so that taking one costs no allocation after warm-up. The lease gives the object back. One thread.
#pragma once

#include <memory>
#include <vector>

namespace gatehouse::runtime {

template <class T>
class Recycler {
 public:
  struct Return {
    Recycler* home{nullptr};
    void operator()(T* object) const noexcept { home->give(object); }
  };
  using Lease = std::unique_ptr<T, Return>;

  Recycler() { free_.reserve(kept); }

  /// A free object, or a new one made from the arguments.
  template <class... Arguments>
  Lease take(Arguments&&... arguments) {
    if (free_.empty()) return Lease(new T(std::forward<Arguments>(arguments)...), Return{this});
    Lease lease(free_.back().release(), Return{this});
    free_.pop_back();
    return lease;
  }

 private:
  static constexpr std::size_t kept = 1024;

  void give(T* object) noexcept {
    std::unique_ptr<T> owned(object);
    if (free_.size() < kept) free_.push_back(std::move(owned));  // within the reserved capacity
  }

  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace gatehouse::runtime
