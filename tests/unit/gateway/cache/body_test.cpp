// Content that is read while it arrives: by one, by many, at any pace, in part, and when it fails or is not kept.
#include "gateway/cache/body.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/gateway/cache/stored.hpp"

namespace gatehouse::cache {
namespace {

using exchange::Errc;
using runtime::Worker;

std::string pattern(std::size_t size, std::size_t from = 0) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (from + i) % 23);
  return text;
}

/// One reading that notes what it gets.
struct Reading {
  Reading(Worker& worker, BodyRef body, std::uint64_t from = 0, std::uint64_t to = Reader::to_the_end)
      : reader(worker, std::move(body), from, to) {
    worker.spawn("read", run());
  }
  Task<> run() {
    for (;;) {
      const Try<Piece> piece = co_await reader.next();
      if (!piece) {
        fault = piece.error().what;
        failed = true;
        break;
      }
      text.append(piece->bytes.data(), piece->bytes.size());
      ++pieces;
      if (piece->last) break;
    }
    ended = true;
  }
  Reader reader;
  std::string text;
  Errc fault{};
  int pieces{0};
  bool failed{false};
  bool ended{false};
};

class Content : public ::testing::Test {
 protected:
  void turn() { worker.io().restart(), worker.io().poll(); }
  Worker worker{0, 1};
};

TEST_F(Content, that_is_complete_is_read_without_a_wait) {
  Reading exact(worker, test::body_of("hello"));
  EXPECT_TRUE(exact.ended);
  EXPECT_EQ(exact.text, "hello");
  Reading empty(worker, Body::make(0));
  EXPECT_TRUE(empty.ended);
  EXPECT_EQ(empty.text, "");
}

TEST_F(Content, of_every_shape_comes_out_as_it_went_in) {
  for (const std::size_t size : {1u, 4096u, 16'360u, 16'361u, 500'000u, 1'048'576u, 1'048'577u, 3'000'000u}) {
    for (const bool known : {true, false}) {
      const BodyRef body = Body::make(known ? std::optional<std::uint64_t>(size) : std::nullopt);
      Reading early(worker, body);
      const std::string text = pattern(size);
      for (std::size_t at = 0; at < size; at += 10'007) {
        body->append(std::string_view(text).substr(at, 10'007));
        turn();
      }
      body->finish();
      turn();
      Reading late(worker, body);
      EXPECT_TRUE(early.ended && late.ended);
      EXPECT_EQ(early.text == text, true) << size << ' ' << known;
      EXPECT_EQ(late.text == text, true) << size << ' ' << known;
      EXPECT_EQ(body->length(), size);
      EXPECT_EQ(body->state(), Body::State::complete);
      EXPECT_LT(body->held(), size + size / 8 + 1024) << size << ' ' << known;
    }
  }
}

TEST_F(Content, keeps_the_trailers_that_came_behind_it_apart_from_it) {
  for (const std::size_t size : {0u, 10u, 70'000u}) {
    for (const bool passing : {false, true}) {
      const BodyRef body = Body::make(std::nullopt);
      if (passing) body->pass_on(1 << 20);
      Reading early(worker, body);
      const std::string text = pattern(size);
      body->append(text);
      EXPECT_EQ(body->trailers(), "");
      const std::size_t held = body->held();
      body->finish("checksum: 1\r\n");
      turn();
      EXPECT_EQ(body->trailers(), "checksum: 1\r\n") << size << ' ' << passing;
      EXPECT_EQ(body->length(), size);
      EXPECT_EQ(early.text == text && early.ended, true) << size << ' ' << passing;
      if (passing) continue;
      EXPECT_LT(body->held(), held + 200);
      Reading late(worker, body);
      EXPECT_EQ(late.text == text && late.ended, true) << size;
      std::string pieces;
      for (const std::span<const char> piece : body->pieces()) pieces.append(piece.data(), piece.size());
      EXPECT_EQ(pieces == text, true) << size;
    }
  }
  EXPECT_EQ(test::body_of("content")->trailers(), "");
}

TEST_F(Content, reaches_a_reader_piece_by_piece_while_it_arrives) {
  const BodyRef body = Body::make(10);
  Reading reading(worker, body);
  EXPECT_EQ(reading.pieces, 0);
  body->append(std::string_view("hello"));
  turn();
  EXPECT_EQ(reading.text, "hello");
  EXPECT_FALSE(reading.ended);
  body->append(std::string_view("world"));
  body->finish();
  turn();
  EXPECT_EQ(reading.text, "helloworld");
  EXPECT_TRUE(reading.ended);
}

TEST_F(Content, is_read_in_part) {
  const std::string text = pattern(700'000);
  for (const bool known : {true, false}) {
    const BodyRef body = Body::make(known ? std::optional<std::uint64_t>(text.size()) : std::nullopt);
    Reading early(worker, body, 300'000, 400'001);
    Reading beyond(worker, body, 900'000);
    body->append(text);
    turn();
    EXPECT_TRUE(early.ended) << "a range is complete when its last byte has come";
    body->finish();
    turn();
    Reading late(worker, body, 699'999);
    EXPECT_EQ(early.text == text.substr(300'000, 100'001), true);
    EXPECT_EQ(late.text, text.substr(699'999));
    EXPECT_TRUE(beyond.ended);
    EXPECT_EQ(beyond.text, "");
  }
}

TEST_F(Content, that_fails_gives_what_came_and_then_the_fault) {
  const BodyRef body = Body::make(std::nullopt);
  Reading early(worker, body);
  body->append(std::string_view("part"));
  body->fail(exchange::fault_of(Errc::origin_reset));
  turn();
  Reading late(worker, body);
  for (const Reading* reading : {&early, &late}) {
    EXPECT_EQ(reading->text, "part");
    EXPECT_EQ(reading->fault, Errc::origin_reset);
  }
  EXPECT_EQ(body->state(), Body::State::failed);
}

TEST_F(Content, that_ends_short_of_its_length_has_failed) {
  const BodyRef body = Body::make(10);
  body->append(std::string_view("short"));
  body->finish();
  EXPECT_EQ(body->state(), Body::State::failed);
  Reading reading(worker, body);
  EXPECT_EQ(reading.fault, Errc::origin_body_short);
}

TEST_F(Content, is_given_up_by_a_reader_that_is_stopped) {
  const BodyRef body = Body::make(10);
  Reading reading(worker, body);
  reading.reader.stop();
  EXPECT_FALSE(reading.ended) << "it is resumed in its own turn";
  turn();
  EXPECT_TRUE(reading.failed);
  EXPECT_EQ(reading.fault, Errc::none);
}

TEST_F(Content, moves_to_a_block_that_fits_when_its_length_was_not_known) {
  const BodyRef body = Body::make(std::nullopt);
  Reading waiting(worker, body);
  body->append(std::string_view("little"));
  turn();
  body->finish();
  EXPECT_LT(body->held(), 200u);
  turn();
  EXPECT_EQ(waiting.text, "little");
  EXPECT_TRUE(waiting.ended);
}

TEST_F(Content, stays_where_it_is_while_a_reader_uses_it) {
  const BodyRef body = Body::make(std::nullopt);
  Reader reader(worker, body);
  body->append(std::string_view("little"));
  const auto piece = reader.at_hand();
  ASSERT_TRUE(piece);
  body->finish();
  EXPECT_EQ(std::string((*piece)->bytes.data(), (*piece)->bytes.size()), "little");
  const auto end = reader.at_hand();
  ASSERT_TRUE(end);
  EXPECT_TRUE((*end)->last);
}

TEST_F(Content, that_is_passed_on_is_held_in_a_window) {
  const BodyRef body = Body::make(std::nullopt);
  body->pass_on(100'000);
  Reader slow(worker, body);
  bool filled = false;
  std::size_t produced = 0;
  const auto fill = [&]() -> Task<> {
    for (int i = 0; i < 100; ++i) {
      body->append(pattern(50'000, produced));
      produced += 50'000;
      co_await body->room(worker);
    }
    body->finish();
    filled = true;
  };
  worker.spawn("fill", fill());
  EXPECT_EQ(produced, 150'000u) << "it waits with more than the window unread";
  std::string text;
  for (bool last = false; !last;) {
    const auto piece = slow.at_hand();
    if (piece) {
      text.append((*piece)->bytes.data(), (*piece)->bytes.size());
      last = (*piece)->last;
    }
    turn();
    EXPECT_LT(body->held(), 100'000 + 3 * Body::block_max);
  }
  EXPECT_TRUE(filled);
  EXPECT_EQ(text == pattern(5'000'000), true);
}

TEST_F(Content, found_too_large_is_passed_on_from_there) {
  const BodyRef body = Body::make(std::nullopt);
  Reading reading(worker, body);
  body->append(pattern(600'000));
  turn();
  body->pass_on(1000);
  body->append(pattern(600'000, 600'000));
  turn();
  EXPECT_LT(body->held(), 600'000u);
  body->finish();
  turn();
  EXPECT_EQ(reading.text == pattern(1'200'000), true);
}

TEST_F(Content, tells_its_filler_when_the_last_reader_goes) {
  const BodyRef body = Body::make(std::nullopt);
  body->pass_on(10);
  int told = 0;
  body->watch_readers([](void* count) noexcept { ++*static_cast<int*>(count); }, &told);
  EXPECT_FALSE(body->abandoned()) << "nobody has come yet";
  auto one = std::make_unique<Reader>(worker, body);
  auto two = std::make_unique<Reader>(worker, body);
  body->append(pattern(100));
  bool waited = false;
  const auto fill = [&]() -> Task<> {
    co_await body->room(worker);
    waited = true;
  };
  worker.spawn("fill", fill());
  one.reset();
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(waited);
  two.reset();
  turn();
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(body->abandoned());
  EXPECT_TRUE(waited);
  body->watch_readers(nullptr, nullptr);
}

TEST_F(Content, resumes_each_reader_on_its_own_worker) {
  const BodyRef body = Body::make(4);
  Worker other(1, 2);
  Reading here(worker, body);
  Reading there(other, body);
  body->append(std::string_view("text"));
  body->finish();
  turn();
  EXPECT_TRUE(here.ended);
  EXPECT_FALSE(there.ended);
  other.io().poll();
  EXPECT_TRUE(there.ended);
  EXPECT_EQ(there.text, "text");
}

}  // namespace
}  // namespace gatehouse::cache
