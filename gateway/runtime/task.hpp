// Task<T>: a coroutine of the data plane. It starts when awaited, resumes whoever awaited it when it ends (symmetric
// transfer), takes its frame from the thread's FramePool and lives on one worker. An exception that escapes one is
// carried to the awaiter; Worker::spawn catches it at the root, counts it and closes the connection, so none leaves
// the data plane. Asio's own awaitable is used in the control plane only (docs/decisions/0002-own-task.md).
//
// A function that can often answer at once is no coroutine: it returns Task<T>::now(value), which costs no frame, or
// hands on the task that waits (style: nothing is awaited that can be done now).
//
//   Task<Try<Head>> read_head();          // a child: co_await it in place
//   Join<void> pump(copy_body(...));      // runs beside its owner from here on; co_await pump.join() before it goes
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "gatehouse/filters/result.hpp"
#include "gateway/runtime/frame_pool.hpp"

namespace gatehouse::runtime {

template <class T>
class Task;

namespace detail {

struct PromiseCommon {
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      const auto next = self.promise().awaiter;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }

  std::coroutine_handle<> awaiter;
  std::exception_ptr thrown;
};

template <class T>
struct Promise : PromiseCommon {
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& from) { value.emplace(std::forward<U>(from)); }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*value);
  }
  std::optional<T> value;
};

template <>
struct Promise<void> : PromiseCommon {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;
  struct Nothing {};
  using Value = std::conditional_t<std::is_void_v<T>, Nothing, T>;

  Task() = default;
  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})), value_(std::move(other.value_)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// A task that has ended already, with this value.
  static Task now(Value value) noexcept {
    Task task;
    task.value_.emplace(std::move(value));
    return task;
  }

  bool await_ready() const noexcept { return !handle_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().awaiter = awaiter;
    return handle_;
  }
  T await_resume() {
    if (handle_) return handle_.promise().take();
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  template <class>
  friend class Join;
  Handle handle_;
  [[no_unique_address]] std::optional<Value> value_;  // without a coroutine: what it came to
};

/// Runs a task beside its owner on the same thread. The owner must `co_await join()` before this object goes away, so
/// that nothing the task refers to dies under it.
template <class T>
class Join {
 public:
  /// Starts the task at once, up to its first wait.
  explicit Join(Task<T> task) : task_(std::move(task)) {
    if (task_.handle_) task_.handle_.resume();
  }
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;
  ~Join() { GH_ASSERT(done()); }

  bool done() const noexcept { return !task_.handle_ || task_.handle_.done(); }

  /// Waits for the task's end and gives its result. Once.
  auto join() noexcept {
    struct Awaiter {
      Join& self;
      bool await_ready() const noexcept { return self.done(); }
      void await_suspend(std::coroutine_handle<> owner) noexcept { self.task_.handle_.promise().awaiter = owner; }
      T await_resume() { return self.task_.await_resume(); }
    };
    return Awaiter{*this};
  }

 private:
  Task<T> task_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace gatehouse::runtime
