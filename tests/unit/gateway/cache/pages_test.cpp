// Content in pages: it leaves memory as fast as the file takes it, and comes back as it was or not at all.
#include "gateway/cache/pages.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>

#include "gateway/cache/body.hpp"

namespace gatehouse::cache {
namespace {

/// A file in memory that does what it is asked when it is told to.
struct Disk {
  std::deque<std::function<void()>> jobs;
  std::map<std::uint32_t, std::string> pages;
  std::set<std::uint32_t> lost;
  std::size_t reads{0};
  std::size_t told_lost{0};
  bool full{false};

  void work(std::size_t most = 1000) {
    for (; !jobs.empty() && most > 0; --most) {
      const auto job = std::move(jobs.front());
      jobs.pop_front();
      job();
    }
  }
};

class File final : public PageFile {
 public:
  explicit File(Disk& disk) : disk_(disk) {}
  void write(PageRef page, std::size_t size, Told told) override {
    disk_.jobs.push_back([this, page = std::move(page), size, told = std::move(told)]() mutable {
      if (!disk_.full) disk_.pages[page->number].assign(page->data(), size);
      page.reset();
      told(!disk_.full);
    });
  }
  void read(PageRef page, std::size_t size, Told told) override {
    ++disk_.reads;
    disk_.jobs.push_back([this, page = std::move(page), size, told = std::move(told)]() mutable {
      const std::string& text = disk_.pages[page->number];
      const bool there = text.size() == size && !disk_.lost.contains(page->number);
      page->content_at = 16;
      page->room = std::make_unique<char[]>(16 + size);
      if (there) text.copy(page->data(), size);
      page.reset();
      told(there);
    });
  }
  bool whole() const noexcept override { return disk_.told_lost == 0; }
  void lost() noexcept override { ++disk_.told_lost; }
  std::optional<PageList> list() const override { return std::nullopt; }

 private:
  Disk& disk_;
};

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>(at * 7 + at / 1021);
  return text;
}

using exchange::Errc;

class PagesTest : public testing::Test {
 protected:
  BodyRef fill(std::optional<std::uint64_t> length) {
    return Body::in_pages(Counted<Pages>(new Pages(std::make_unique<File>(disk), length)));
  }
  /// A body that lies in the file.
  BodyRef stored(const std::string& text) {
    for (std::uint32_t i = 0; i * page_size < text.size(); ++i) disk.pages[i] = text.substr(i * page_size, page_size);
    return Body::in_pages(Counted<Pages>(new Pages(std::make_unique<File>(disk), text.size(), Pages::Complete{})));
  }

  struct Reading {
    Reading(runtime::Worker& worker, BodyRef body, std::uint64_t from = 0, std::uint64_t to = Reader::to_the_end)
        : reader(worker, std::move(body), from, to) {}
    Reader reader;
    std::string text;
    Errc fault{Errc::none};
    bool done{false};
  };
  static Task<> read_all(Reading& reading) {
    for (bool last = false; !last;) {
      const auto piece = co_await reading.reader.next();
      if (!piece) {
        reading.fault = piece.error().what;
        break;
      }
      reading.text.append(piece->bytes.data(), piece->bytes.size());
      last = piece->last;
    }
    reading.done = true;
  }
  static Task<> wait_for_room(Body& body, runtime::Worker& worker, bool& there) {
    co_await body.room(worker);
    there = true;
  }
  void start(Reading& reading) { worker.spawn("read", read_all(reading)); }
  void run() {
    worker.io().restart();
    worker.io().poll();
  }
  /// Until nothing more happens.
  void run_all() {
    for (int i = 0; i < 200; ++i) {
      disk.work();
      run();
    }
  }

  Disk disk;
  runtime::Worker worker{0, 1};
};

TEST_F(PagesTest, content_is_read_while_it_arrives_and_afterwards) {
  const std::string text = text_of(3 * page_size + 1000);
  for (const bool announced : {true, false}) {
    disk = {};
    const BodyRef body = fill(announced ? std::optional<std::uint64_t>(text.size()) : std::nullopt);
    Reading along(worker, body);
    start(along);
    for (std::size_t at = 0; at < text.size(); at += 10'000) {
      body->append(std::string_view(text).substr(at, 10'000));
      if (at == 500'000) run_all();
    }
    EXPECT_FALSE(body->complete());
    body->finish();
    EXPECT_TRUE(body->complete());
    EXPECT_EQ(body->length(), text.size());
    run_all();
    EXPECT_TRUE(along.done && along.text == text);
    Reading later(worker, body);
    start(later);
    run_all();
    EXPECT_TRUE(later.done && later.text == text);
    EXPECT_EQ(disk.pages.size(), 4u);
  }
}

TEST_F(PagesTest, who_fills_waits_while_the_file_is_behind) {
  const BodyRef body = fill(std::nullopt);
  const std::string page = text_of(page_size);
  for (std::size_t i = 0; i <= Pages::waiting_max; ++i) {
    bool room = false;
    worker.spawn("room", wait_for_room(*body, worker, room));
    EXPECT_TRUE(room) << i;
    body->append(page);
  }
  bool room = false;
  worker.spawn("room", wait_for_room(*body, worker, room));
  run();
  EXPECT_FALSE(room);
  disk.work(1);
  run();
  EXPECT_TRUE(room);
}

TEST_F(PagesTest, a_range_reads_the_pages_it_needs_and_no_other) {
  const std::string text = text_of(10 * page_size);
  const BodyRef body = stored(text);
  Reading reading(worker, body, 4 * page_size + 10, 5 * page_size + 10);
  start(reading);
  run_all();
  EXPECT_TRUE(reading.done && reading.text == text.substr(4 * page_size + 10, page_size));
  EXPECT_EQ(disk.reads, 2u);
}

TEST_F(PagesTest, readers_at_the_same_place_share_what_is_read_and_hold_no_more_than_they_need) {
  const std::string text = text_of(20 * page_size);
  const BodyRef body = stored(text);
  std::deque<Reading> readings;
  for (int i = 0; i < 5; ++i) start(readings.emplace_back(worker, body));
  EXPECT_LE(disk.jobs.size(), 3u) << "one page and two ahead";
  run_all();
  for (const Reading& reading : readings) EXPECT_TRUE(reading.done && reading.text == text);
  EXPECT_LE(disk.reads, 40u) << "nearly together, so nearly everything was read once";
}

TEST_F(PagesTest, a_page_that_is_lost_ends_the_reading_behind_sound_bytes) {
  const std::string text = text_of(6 * page_size);
  const BodyRef body = stored(text);
  disk.lost = {4};
  Reading reading(worker, body);
  start(reading);
  run_all();
  EXPECT_EQ(reading.fault, Errc::stored_lost);
  EXPECT_EQ(reading.text == text.substr(0, 4 * page_size), true);
  EXPECT_EQ(disk.told_lost, 1u);
  EXPECT_FALSE(body->pages()->file().whole());
}

TEST_F(PagesTest, a_full_file_costs_the_readers_nothing_and_who_fills_waits_for_the_slowest) {
  const std::string text = text_of(30 * page_size);
  const BodyRef body = fill(text.size());
  Reading reading(worker, body);
  disk.full = true;
  std::size_t filled = 0;
  for (bool room = true; room && filled < text.size();) {
    body->append(std::string_view(text).substr(filled, page_size));
    filled += page_size;
    disk.work();
    room = false;
    worker.spawn("room", wait_for_room(*body, worker, room));
    if (!room) {
      EXPECT_FALSE(body->pages()->kept());
      EXPECT_LE(filled - reading.text.size(), (Pages::waiting_max + 2) * page_size);
      if (reading.text.empty()) start(reading);
      run_all();
      ASSERT_TRUE(room);
    }
  }
  body->finish();
  run_all();
  EXPECT_TRUE(reading.done && reading.text == text);
}

TEST_F(PagesTest, what_is_not_kept_and_has_no_readers_any_more_is_abandoned) {
  const BodyRef body = fill(std::nullopt);
  {
    Reading reading(worker, body);
    disk.full = true;
    for (int i = 0; i < 12; ++i) body->append(text_of(page_size));
    EXPECT_FALSE(body->abandoned());
    run_all();
    EXPECT_FALSE(body->abandoned());
  }
  EXPECT_TRUE(body->abandoned());
}

TEST_F(PagesTest, a_failure_comes_behind_what_has_arrived) {
  const BodyRef body = fill(5 * page_size);
  Reading reading(worker, body);
  start(reading);
  body->append(text_of(page_size + 5));
  body->fail(exchange::fault_of(Errc::origin_reset));
  run_all();
  EXPECT_EQ(reading.fault, Errc::origin_reset);
  EXPECT_EQ(reading.text == text_of(page_size + 5), true);
  EXPECT_EQ(body->state(), Body::State::failed);
}

TEST_F(PagesTest, content_that_is_shorter_than_announced_failed) {
  const BodyRef body = fill(5 * page_size);
  body->append(text_of(page_size));
  body->finish();
  EXPECT_EQ(body->state(), Body::State::failed);
}

TEST_F(PagesTest, a_reader_that_is_stopped_does_not_wait_for_the_file) {
  const BodyRef body = stored(text_of(page_size));
  Reading reading(worker, body);
  start(reading);
  EXPECT_TRUE(reading.reader.awaits_disk());
  reading.reader.stop();
  run();
  EXPECT_TRUE(reading.done && reading.text.empty());
  run_all();
}

}  // namespace
}  // namespace gatehouse::cache
