#include "gateway/observe/log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

namespace gatehouse::observe {
namespace {

using namespace std::chrono_literals;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Waits for something that another thread brings about; false after ten seconds.
template <class F>
bool eventually(F&& happened) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

bool put(LogRing& ring, std::string_view line) {
  if (ring.room(line.size()) < line.size()) return ring.drop(), false;
  std::memcpy(ring.space(), line.data(), line.size());
  ring.commit(line.size());
  return true;
}

class LogWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/gatehouse-log-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  std::atomic<int> reports_{0};
  std::atomic<int> last_error_{0};
  LogWriter::Report note_ = [this](std::string_view, int os_error) {
    last_error_ = os_error;
    ++reports_;
  };
};

TEST_F(LogWriterTest, lines_of_all_rings_reach_the_file_whole_and_in_order) {
  LogWriter writer(note_);
  constexpr int lines = 20000;
  LogRing* rings[3];
  for (auto& ring : rings) ring = &writer.add_ring(16 * 1024);
  ASSERT_EQ(writer.start(path("a.log")), 0);
  std::vector<std::thread> workers;
  for (int w = 0; w < 3; ++w) {
    workers.emplace_back([&, w] {
      for (int i = 0; i < lines; ++i) {
        const std::string line = std::to_string(w) + " " + std::to_string(i) + " some more text\n";
        while (rings[w]->room(line.size()) < line.size()) std::this_thread::yield();
        put(*rings[w], line);
      }
    });
  }
  for (auto& worker : workers) worker.join();
  writer.stop();
  EXPECT_EQ(writer.dropped(), 0u);
  std::istringstream text(read_file(path("a.log")));
  int next[3]{};
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    int w = 0;
    int i = 0;
    std::string rest;
    fields >> w >> i;
    std::getline(fields, rest);
    ASSERT_EQ(rest, " some more text");
    ASSERT_EQ(i, next[w]++);
  }
  for (const int n : next) EXPECT_EQ(n, lines);
}

TEST_F(LogWriterTest, a_file_that_cannot_be_opened_is_said_at_the_start) {
  LogWriter writer(note_);
  writer.add_ring(4096);
  EXPECT_EQ(writer.start(path("no/such/folder.log")), ENOENT);
}

TEST_F(LogWriterTest, reopening_goes_on_in_a_new_file_after_a_rename) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(4096);
  ASSERT_EQ(writer.start(path("a.log")), 0);
  put(ring, "before\n");
  std::filesystem::rename(path("a.log"), path("a.log.1"));
  writer.reopen();
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path("a.log")); }));
  put(ring, "after\n");
  writer.stop();
  EXPECT_EQ(read_file(path("a.log.1")), "before\n");
  EXPECT_EQ(read_file(path("a.log")), "after\n");
}

TEST_F(LogWriterTest, reopening_with_a_path_moves_there_and_a_bad_one_changes_nothing) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(4096);
  ASSERT_EQ(writer.start(path("a.log")), 0);
  writer.reopen(path("no/such/b.log"));
  ASSERT_TRUE(eventually([&] { return reports_ == 1; }));
  EXPECT_EQ(last_error_, ENOENT);
  put(ring, "one\n");
  ASSERT_TRUE(eventually([&] { return writer.bytes_written() == 4; }));
  writer.reopen(path("b.log"));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path("b.log")); }));
  put(ring, "two\n");
  writer.stop();
  EXPECT_EQ(read_file(path("a.log")), "one\n");
  EXPECT_EQ(read_file(path("b.log")), "two\n");
}

TEST_F(LogWriterTest, a_full_disk_is_reported_once_and_lines_are_dropped_when_the_ring_is_full) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(4096);
  ASSERT_EQ(writer.start("/dev/full"), 0);
  const std::string line(99, 'x');
  int kept = 0;
  for (int i = 0; i < 200; ++i) kept += put(ring, line + "\n") ? 1 : 0;
  ASSERT_TRUE(eventually([&] { return reports_ == 1; }));
  EXPECT_EQ(last_error_, ENOSPC);
  EXPECT_EQ(kept, 40);
  EXPECT_EQ(writer.dropped(), 160u);
  // Room comes back with another file, and what waited is written there.
  writer.reopen(path("rescue.log"));
  ASSERT_TRUE(eventually([&] { return writer.bytes_written() == 4000; }));
  writer.stop();
  EXPECT_EQ(reports_, 2);
  EXPECT_EQ(last_error_, 0);
  EXPECT_EQ(read_file(path("rescue.log")).size(), 4000u);
}

/// A named pipe stands for whatever reads the log slowly or goes away.
class LogWriterPipeTest : public LogWriterTest {
 protected:
  void SetUp() override {
    LogWriterTest::SetUp();
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    reader_ = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader_, 0);
    ASSERT_GE(::fcntl(reader_, F_SETPIPE_SZ, 4096), 4096);
  }
  void TearDown() override {
    if (reader_ >= 0) ::close(reader_);
    LogWriterTest::TearDown();
  }
  std::string read_some() {
    char buffer[8192];
    const ssize_t n = ::read(reader_, buffer, sizeof buffer);
    return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : std::string();
  }

  int reader_{-1};
};

TEST_F(LogWriterPipeTest, a_slow_reader_gets_every_line_whole_that_was_not_dropped) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(16 * 1024);
  LogRing& other = writer.add_ring(16 * 1024);
  ASSERT_EQ(writer.start(path("pipe")), 0);
  const std::string line = std::string(76, 'y') + "\n";  // 4096 is no multiple: lines are cut by partial writes
  std::size_t kept = 0;
  for (int i = 0; i < 400; ++i) kept += put(i % 2 == 0 ? ring : other, line) ? line.size() : 0;
  std::string got;
  ASSERT_TRUE(eventually([&] {
    got += read_some();
    return got.size() == kept;
  }));
  for (std::size_t at = 0; at < got.size(); at += line.size()) ASSERT_EQ(got.substr(at, line.size()), line);
  writer.stop();
  EXPECT_EQ(writer.dropped(), 400 - kept / line.size());
  EXPECT_EQ(reports_, 0);  // slow is no error
}

TEST_F(LogWriterPipeTest, stopping_does_not_wait_longer_than_its_limit_for_a_reader_that_sleeps) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(64 * 1024);
  ASSERT_EQ(writer.start(path("pipe")), 0);
  while (put(ring, std::string(99, 'x') + "\n")) {
  }
  const auto began = std::chrono::steady_clock::now();
  writer.stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST_F(LogWriterPipeTest, a_reader_that_goes_away_is_reported_and_kills_nobody) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(4096);
  ASSERT_EQ(writer.start(path("pipe")), 0);
  ::close(std::exchange(reader_, -1));
  put(ring, "nobody reads this\n");
  ASSERT_TRUE(eventually([&] { return reports_ == 1; }));
  EXPECT_EQ(last_error_, EPIPE);
}

TEST_F(LogWriterPipeTest, a_new_file_does_not_begin_with_the_rest_of_a_line) {
  LogWriter writer(note_);
  LogRing& ring = writer.add_ring(16 * 1024);
  std::string line(999, 'z');
  line += '\n';
  // All at once, since the kernel writes less than a page to a pipe whole or not at all.
  for (int i = 0; i < 6; ++i) put(ring, line);
  ASSERT_EQ(writer.start(path("pipe")), 0);
  ASSERT_TRUE(eventually([&] { return writer.bytes_written() == 4096; }));  // four lines and a piece of the fifth
  writer.reopen(path("next.log"));
  ASSERT_TRUE(eventually([&] { return writer.bytes_written() == 5096; }));
  writer.stop();
  EXPECT_EQ(read_file(path("next.log")), line);
  EXPECT_EQ(writer.dropped(), 1u);
}

TEST(LogRing, wakes_the_writer_once_when_half_full_and_not_before) {
  LogBell bell;
  LogRing ring(4096, bell);
  const auto rung = [&] {
    std::uint64_t count = 0;
    return ::read(bell.fd(), &count, sizeof count) == sizeof count ? count : 0;
  };
  const std::string line(100, 'x');
  for (int i = 0; i < 20; ++i) put(ring, line);
  EXPECT_EQ(rung(), 0u);
  for (int i = 0; i < 15; ++i) put(ring, line);
  EXPECT_EQ(rung(), 1u);
}

TEST(LogRing, a_ring_that_is_emptied_in_time_never_makes_a_system_call) {
  LogBell bell;
  LogRing ring(4096, bell);
  const std::string line(100, 'x');
  for (int i = 0; i < 10000; ++i) {
    put(ring, line);
    if (i % 10 == 9) ring.consume(ring.waiting().size());
  }
  std::uint64_t count = 0;
  EXPECT_EQ(::read(bell.fd(), &count, sizeof count), -1);
  EXPECT_EQ(ring.dropped(), 0u);
}

TEST(LogRing, a_sleeping_writer_is_woken_by_the_first_line_only) {
  LogBell bell;
  LogRing ring(4096, bell);
  bell.sleeping = true;
  put(ring, "a\n");
  put(ring, "b\n");
  std::uint64_t count = 0;
  EXPECT_EQ(::read(bell.fd(), &count, sizeof count), 8);
  EXPECT_EQ(count, 1u);
  EXPECT_FALSE(bell.sleeping);
}

}  // namespace
}  // namespace gatehouse::observe
