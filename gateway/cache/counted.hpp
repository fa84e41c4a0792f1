// Counted<T>: a reference to an object that counts its own references (`refs_`) and destroys itself at the last one
// (`T::destroy`). One pointer wide. The count is atomic, so references to one object may live on several threads; one
// reference belongs to one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace gatehouse::cache {

template <class T>
class Counted {
 public:
  Counted() = default;
  /// Takes part in owning `object`; null is fine.
  explicit Counted(T* object) noexcept : object_(object) { hold(); }
  Counted(const Counted& other) noexcept : object_(other.object_) { hold(); }
  Counted(Counted&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Counted& operator=(Counted other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Counted() { release(); }

  explicit operator bool() const noexcept { return object_ != nullptr; }
  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  bool operator==(const Counted&) const = default;

  /// Gives the reference away without counting it down; taken back with adopt().
  T* leave() noexcept { return std::exchange(object_, nullptr); }
  static Counted adopt(T* object) noexcept {
    Counted taken;
    taken.object_ = object;
    return taken;
  }

 private:
  void hold() noexcept {
    if (object_ != nullptr) object_->refs_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    // Acquire and release: who destroys it must see what all others did to it before.
    if (object_ != nullptr && object_->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) T::destroy(object_);
  }

  T* object_{nullptr};
};

}  // namespace gatehouse::cache
