#include "gateway/runtime/job_threads.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace gatehouse::runtime {
namespace {

TEST(RunOnThreads, runs_each_job_once_whatever_the_number_of_threads) {
  for (const unsigned threads : {0u, 1u, 3u, 100u}) {
    std::array<std::atomic<int>, 20> runs{};
    std::vector<std::function<void()>> jobs;
    for (auto& each : runs) jobs.emplace_back([&each] { ++each; });
    EXPECT_TRUE(run_on_threads(jobs, threads));
    for (const auto& each : runs) EXPECT_EQ(each, 1) << threads << " threads";
  }
}

TEST(RunOnThreads, begins_no_more_jobs_once_it_is_to_stop) {
  std::atomic<bool> stop{false};
  int runs = 0;
  std::vector<std::function<void()>> jobs;
  for (int i = 0; i < 5; ++i) jobs.emplace_back([&] { stop = ++runs == 2; });
  EXPECT_FALSE(run_on_threads(jobs, 1, &stop));
  EXPECT_EQ(runs, 2);
}

TEST(Background, works_elsewhere_and_tells_the_control_thread) {
  boost::asio::io_context io;
  Background background(io);
  std::set<std::thread::id> workers, told;
  for (int i = 0; i < 2; ++i) {
    background.run([&] { workers.insert(std::this_thread::get_id()); }, [&] { told.insert(std::this_thread::get_id()); });
    background.stop();  // waits
    io.restart();
    io.run();
  }
  EXPECT_EQ(told, std::set<std::thread::id>{std::this_thread::get_id()});
  EXPECT_FALSE(workers.contains(std::this_thread::get_id()));
  EXPECT_TRUE(background.stopping());
}

}  // namespace
}  // namespace gatehouse::runtime
