// Result<T, E>: a value or the reason there is none; a subset of std::expected, which C++20 mode lacks, so that it can
// be swapped for it later. Failure<E> carries a reason into any Result. GH_TRY and GH_CO_TRY unwrap or leave the
// function with the failure. Plain values: no allocation, no thread, no exception on any path of ours.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

/// States a fact that only a bug of ours can break; stays on in release builds. Prints where and aborts.
#define GH_ASSERT(x) ((x) ? void() : ::gatehouse::assert_failed(#x, __FILE__, __LINE__))
#ifdef NDEBUG
#define GH_DEBUG_ASSERT(x) void()
#else
#define GH_DEBUG_ASSERT(x) GH_ASSERT(x)
#endif

namespace gatehouse {

[[noreturn]] inline void assert_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
  std::abort();
}

/// Wraps a reason on its way into a Result.
template <class E>
struct Failure {
  E reason;
};
template <class E>
Failure(E) -> Failure<E>;

/// Stands for "no value" in a Result that only says whether it worked.
struct Done {};

template <class T, class E>
class [[nodiscard]] Result {
  using Value = std::conditional_t<std::is_void_v<T>, Done, T>;

 public:
  Result() requires std::is_void_v<T> : held_(std::in_place_index<0>) {}
  Result(Value value) : held_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
    requires std::is_convertible_v<F, E>
  Result(Failure<F> failure) : held_(std::in_place_index<1>, std::move(failure.reason)) {}

  bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  Value& value() & { return GH_ASSERT(has_value()), *std::get_if<0>(&held_); }
  const Value& value() const& { return GH_ASSERT(has_value()), *std::get_if<0>(&held_); }
  Value&& value() && { return GH_ASSERT(has_value()), std::move(*std::get_if<0>(&held_)); }
  Value& operator*() & { return value(); }
  const Value& operator*() const& { return value(); }
  Value&& operator*() && { return std::move(*this).value(); }
  Value* operator->() { return &value(); }
  const Value* operator->() const { return &value(); }

  E& error() { return GH_ASSERT(!has_value()), *std::get_if<1>(&held_); }
  const E& error() const { return GH_ASSERT(!has_value()), *std::get_if<1>(&held_); }

  Value value_or(Value other) const& { return has_value() ? value() : std::move(other); }

 private:
  std::variant<Value, E> held_;
};

}  // namespace gatehouse

#define GH_CONCAT_2(a, b) a##b
#define GH_CONCAT(a, b) GH_CONCAT_2(a, b)
#define GH_TRY_AS(name, declaration, expression, leave)                      \
  auto&& name = (expression);                                                \
  if (!name) leave ::gatehouse::Failure{std::move(name).error()};            \
  declaration = *std::forward<decltype(name)>(name)

/// GH_TRY(auto x, f()): x is f()'s value, or the function returns f()'s failure.
#define GH_TRY(declaration, expression) GH_TRY_AS(GH_CONCAT(gh_try_, __LINE__), declaration, expression, return)
/// The same inside a coroutine.
#define GH_CO_TRY(declaration, expression) GH_TRY_AS(GH_CONCAT(gh_try_, __LINE__), declaration, expression, co_return)
