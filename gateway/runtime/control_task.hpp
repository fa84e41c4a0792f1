// ControlTask: a coroutine of the control plane (admin API, probes, DNS), on Asio's own awaitable. It waits on Asio
// operations with control_token, which gives errors as values. start_control_task() is the only place such a task is
// begun: whatever escapes one is told on stderr and ends that task only. On the thread that runs the io_context.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <utility>

namespace gatehouse::runtime {

template <class T = void>
using ControlTask = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;
inline constexpr auto control_token = boost::asio::as_tuple(boost::asio::deferred);

/// Runs the task that `make()` returns. What `make` captures lives as long as the task; `name` is static text.
template <class F>
void start_control_task(boost::asio::io_context& io, const char* name, F&& make) {
  boost::asio::co_spawn(io.get_executor(), std::forward<F>(make), [name](const std::exception_ptr& escaped) {
    if (!escaped) return;
    try {
      std::rethrow_exception(escaped);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "gatehouse: task %s ended by an exception: %s\n", name, error.what());
    } catch (...) {
      std::fprintf(stderr, "gatehouse: task %s ended by an unknown exception\n", name);
    }
  });
}

}  // namespace gatehouse::runtime
