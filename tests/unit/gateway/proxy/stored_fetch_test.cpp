// Content that is gathered from texts and runs of stored bodies, and trailers of a body that is read to its end.
#include "gateway/proxy/stored_fetch.hpp"

#include <gtest/gtest.h>

#include "gateway/proxy/make_stored.hpp"

namespace gatehouse::proxy {
namespace {

using exchange::Piece;
using runtime::Worker;

cache::BodyRef body_with(std::string_view content, std::string_view trailers = {}) {
  cache::BodyRef body = cache::Body::make(std::nullopt);
  body->append(content);
  body->finish(trailers);
  return body;
}

/// Everything that a fetch gives, piece by piece.
struct Gathering {
  Gathering(Worker& worker, exchange::Fetch& fetch) { worker.spawn("gather", run(fetch)); }
  Task<> run(exchange::Fetch& fetch) {
    for (bool last = false; !last;) {
      const Try<Piece> piece = co_await fetch.read_body();
      if (!piece) {
        fault = piece.error().what;
        break;
      }
      text.append(piece->bytes.data(), piece->bytes.size());
      last = piece->last;
    }
    ended = true;
  }
  std::string text;
  Errc fault{};
  bool ended{false};
};

class Gathered : public ::testing::Test {
 protected:
  std::unique_ptr<cache::Reader> reader(const cache::BodyRef& body, std::uint64_t from = 0, std::uint64_t to = cache::Reader::to_the_end) {
    return std::make_unique<cache::Reader>(worker, body, from, to);
  }
  void turn() { worker.io().restart(), worker.io().poll(); }
  Worker worker{0, 1};
};

TEST_F(Gathered, texts_and_runs_come_in_their_order_with_one_end) {
  const cache::BodyRef body = body_with("0123456789");
  GatheredFetch fetch;
  fetch.add("<a>");
  fetch.add(reader(body, 7, 9));
  fetch.add("<b>");
  fetch.add(reader(body, 0, 3));
  fetch.add("<end>");
  const Gathering got(worker, fetch);
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.text, "<a>78<b>012<end>");
}

TEST_F(Gathered, runs_that_arrive_later_are_waited_for) {
  const cache::BodyRef stored = body_with("stored");
  const cache::BodyRef arriving = cache::Body::make(4);
  GatheredFetch fetch;
  fetch.add(reader(stored));
  fetch.add(reader(arriving));
  fetch.add(reader(stored, 0, 2));
  const Gathering got(worker, fetch);
  EXPECT_EQ(got.text, "stored");
  arriving->append(std::string_view("ab"));
  turn();
  EXPECT_EQ(got.text, "storedab");
  arriving->append(std::string_view("cd"));
  arriving->finish();
  turn();
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.text, "storedabcdst");
}

TEST_F(Gathered, a_run_that_fails_fails_the_whole_and_nothing_comes_after_it) {
  const cache::BodyRef arriving = cache::Body::make(4);
  GatheredFetch fetch;
  fetch.add(reader(arriving));
  fetch.add("after");
  const Gathering got(worker, fetch);
  arriving->append(std::string_view("ab"));
  arriving->fail(exchange::fault_of(Errc::origin_reset));
  turn();
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.text, "ab");
  EXPECT_EQ(got.fault, Errc::origin_reset);
}

TEST_F(Gathered, stop_ends_a_wait) {
  const cache::BodyRef arriving = cache::Body::make(4);
  GatheredFetch fetch;
  fetch.add(reader(arriving));
  const Gathering got(worker, fetch);
  fetch.stop_reading();
  turn();
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(got.fault, Errc::none);
}

TEST_F(Gathered, trailers_are_those_of_a_body_that_is_read_to_its_end) {
  const cache::BodyRef body = body_with("content", "checksum: 1\r\nx-count: 22\r\n");
  const StoredFetch whole(reader(body));
  ASSERT_NE(whole.response_trailers(), nullptr);
  const auto fields = whole.response_trailers()->all();
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[1].name(), "x-count");
  EXPECT_EQ(fields[1].value(), "22");
  EXPECT_EQ(trailer_lines(whole.response_trailers()), "checksum: 1\r\nx-count: 22\r\n");
  EXPECT_EQ(StoredFetch(reader(body, 0, 3)).response_trailers(), nullptr);
  EXPECT_EQ(StoredFetch(reader(body_with("content"))).response_trailers(), nullptr);
}

}  // namespace
}  // namespace gatehouse::proxy
