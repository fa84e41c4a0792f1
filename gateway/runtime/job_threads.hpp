// Work that takes long, off the threads that serve or control. run_on_threads(): independent jobs on several threads,
// such as compiling patterns; the calling thread works along. Background: one piece of work at a time on a thread of its
// own, whose end is told on the control thread.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <span>
#include <thread>

namespace gatehouse::runtime {

/// Jobs are begun in their order; none may throw. False when `stop` was set before all of them had begun.
bool run_on_threads(std::span<const std::function<void()>> jobs, unsigned threads, const std::atomic<bool>* stop = nullptr);

/// How many threads this process may keep busy; at least one.
unsigned processors() noexcept;

/// Made, used and ended on the control thread.
class Background {
 public:
  explicit Background(boost::asio::io_context& control) : control_(control) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { stop(); }

  /// Runs `work` on its thread, then `after` on the control thread. Not before the `after` of earlier work was called.
  void run(std::function<void()> work, std::function<void()> after);
  /// Waits for work under way, which may look at stopping() to end early. Its `after` may still be called.
  void stop();
  const std::atomic<bool>& stopping() const noexcept { return stopping_; }

 private:
  boost::asio::io_context& control_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace gatehouse::runtime
