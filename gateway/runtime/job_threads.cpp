#include "gateway/runtime/job_threads.hpp"

#include <sched.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace gatehouse::runtime {

bool run_on_threads(std::span<const std::function<void()>> jobs, unsigned threads, const std::atomic<bool>* stop) {
  std::atomic<std::size_t> next{0}, begun{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      if (stop != nullptr && stop->load(std::memory_order_relaxed)) return;
      ++begun;
      jobs[i]();
    }
  };
  {
    std::vector<std::jthread> more;
    const std::size_t useful = std::min<std::size_t>(threads, jobs.size());
    for (std::size_t i = 1; i < useful; ++i) more.emplace_back(work);
    work();
  }
  return begun == jobs.size();
}

unsigned processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

void Background::run(std::function<void()> work, std::function<void()> after) {
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this, work = std::move(work), after = std::move(after)]() mutable {
    work();
    boost::asio::post(control_, std::move(after));
  });
}

void Background::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace gatehouse::runtime
