// The table of request heads, read whole, dripped, cut at every place and moved about: the verdict is always the same.
#include "gateway/http1/request_scanner.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "cases.hpp"

namespace gatehouse::http1 {
namespace {

using test::Case;

const std::vector<Case>& cases() {
  static const std::vector<Case> rows = test::read_cases("http1_requests.cases");
  return rows;
}

std::string whole(const Case& row) {
  http::Request request;
  RequestScanner scanner;
  const Scan scan = scanner.scan(row.text, row.limits, request);
  return test::describe(scan, request);
}

/// The verdict when the bytes arrive in pieces that end at the given sizes. With `moving`, each time in another buffer.
template <class Sizes>
std::string in_pieces(const Case& row, const Sizes& sizes, bool moving) {
  auto request = std::make_unique<http::Request>();
  RequestScanner scanner;
  std::unique_ptr<char[]> buffer;
  Scan scan;
  for (const std::size_t size : sizes) {
    std::span<const char> bytes(row.text.data(), size);
    if (moving) {
      auto copy = std::make_unique<char[]>(size + 1);
      std::copy_n(row.text.data(), size, copy.get());
      bytes = {copy.get(), size};
      buffer = std::move(copy);  // the old one is gone
    }
    scan = scanner.scan(bytes, row.limits, *request);
    if (!scan.need_more()) break;
  }
  return test::describe(scan, *request);
}

std::vector<std::size_t> every_size(std::size_t n) {
  std::vector<std::size_t> sizes(n);
  for (std::size_t i = 0; i < n; ++i) sizes[i] = i + 1;
  return sizes;
}

TEST(RequestScanner, gives_the_verdict_of_the_table) {
  ASSERT_GE(cases().size(), 300u);
  for (const Case& row : cases()) {
    EXPECT_TRUE(test::matches(whole(row), row.verdict))
        << "line " << row.line << " (" << row.clause << "): " << row.verdict << "\n  but it was " << whole(row);
  }
}

TEST(RequestScanner, gives_the_same_verdict_byte_by_byte) {
  for (const Case& row : cases()) {
    if (row.text.empty()) continue;
    EXPECT_EQ(in_pieces(row, every_size(row.text.size()), false), whole(row)) << "line " << row.line;
  }
}

TEST(RequestScanner, gives_the_same_verdict_cut_at_every_place) {
  for (const Case& row : cases()) {
    if (row.text.size() > 2000) continue;  // the long ones are limits; byte by byte is enough
    for (std::size_t cut = 1; cut < row.text.size(); ++cut) {
      EXPECT_EQ(in_pieces(row, std::array{cut, row.text.size()}, false), whole(row)) << "line " << row.line << " cut at " << cut;
    }
  }
}

TEST(RequestScanner, gives_the_same_verdict_when_the_buffer_moves_with_every_byte) {
  for (const Case& row : cases()) {
    if (row.text.size() > 2000) continue;
    EXPECT_EQ(in_pieces(row, every_size(row.text.size()), true), whole(row)) << "line " << row.line;
  }
}

// A field with room behind it is read by a path of its own; byte by byte there never is room.
TEST(RequestScanner, judges_every_byte_of_a_field_alike_with_and_without_room_behind_it) {
  const std::string before = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string line = "Accept-Encoding: gzip, br\r\n";
  const std::string behind = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n\r\n";
  std::size_t refused = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      Case row;
      row.text = before + line + behind;
      row.text[before.size() + at] = static_cast<char>(byte);
      const std::string verdict = whole(row);
      refused += !verdict.starts_with("ok");
      EXPECT_EQ(in_pieces(row, every_size(row.text.size()), false), verdict) << "byte " << byte << " at " << at;
    }
  }
  EXPECT_GT(refused, line.size() * 30u) << "controls at least are refused everywhere";
}

// The same for lengths of name and value around the sixteen bytes that are looked at together.
TEST(RequestScanner, reads_fields_of_every_length_alike_with_and_without_room_behind_them) {
  for (std::size_t name = 1; name < 40; ++name) {
    for (std::size_t value = 0; value < 40; ++value) {
      Case row;
      row.text = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(name, 'n') + ": " + std::string(value, 'v') + "\r\nX: 1\r\n" +
                 "Accept: text/html,application/xhtml+xml,*/*\r\n\r\n";
      EXPECT_EQ(in_pieces(row, every_size(row.text.size()), false), whole(row)) << name << ", " << value;
    }
  }
}

TEST(RequestScanner, needs_linear_time_for_a_head_that_drips) {
  // Were each byte to scan the whole head again, 60,000 bytes would be 1.8 thousand million steps: far beyond the
  // time this test may take. With a line of the largest size, the same holds within the line.
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  std::string head = line;
  for (int i = 0; i < 3; ++i) head += "X: " + std::string(16000, 'v') + "\r\n";
  for (int i = 0; i < 90; ++i) head += "Y: " + std::string(100, 'v') + "\r\n";
  head += "\r\n";
  http::Request request;
  RequestScanner scanner;
  Scan scan;
  std::size_t decided = 0;
  for (std::size_t n = 1; n <= head.size(); ++n) {
    scan = scanner.scan({head.data(), n}, ScanLimits(), request);
    if (scan.complete()) decided = n;
  }
  EXPECT_TRUE(scan.complete());
  EXPECT_EQ(decided, head.size());
  EXPECT_EQ(request.fields.all().size(), 94u);
}

TEST(RequestScanner, answers_with_the_status_of_the_fault) {
  const auto status = [](std::string_view text) {
    http::Request request;
    RequestScanner scanner;
    return scanner.scan(text, ScanLimits(), request).status;
  };
  EXPECT_EQ(status("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), 405);
  EXPECT_EQ(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(status("GET / HTTP/3.0\r\n\r\n"), 505);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"), 417);
  EXPECT_EQ(status("GET /" + std::string(20000, 'a')), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(20000, 'a')), 431);
}

TEST(RequestScanner, leaves_views_of_the_last_buffer) {
  const std::string text = "GET /p?q HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  http::Request request;
  RequestScanner scanner;
  {
    const std::string half = text.substr(0, 30);
    EXPECT_TRUE(scanner.scan(half, ScanLimits(), request).need_more());
  }
  ASSERT_TRUE(scanner.scan(text, ScanLimits(), request).complete());
  const auto inside = [&](std::string_view view) { return view.data() >= text.data() && view.data() + view.size() <= text.data() + text.size(); };
  EXPECT_TRUE(inside(request.method_text) && inside(request.target) && inside(request.path) && inside(request.query));
  for (const http::Field& field : request.fields.all()) EXPECT_TRUE(inside(field.name()) && inside(field.value()));
  EXPECT_EQ(request.fields.all()[1].text(), "X: y\r\n");
}

TEST(RequestScanner, begins_anew_after_reset) {
  const std::string two = "GET /1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n";
  http::Request request;
  RequestScanner scanner;
  const Scan first = scanner.scan(two, ScanLimits(), request);
  ASSERT_TRUE(first.complete());
  scanner.reset();
  const std::string_view rest = std::string_view(two).substr(first.head_size);
  ASSERT_TRUE(scanner.scan(rest, ScanLimits(), request).complete());
  EXPECT_EQ(request.path, "/2");
  EXPECT_EQ(request.authority, "b");
  EXPECT_EQ(request.fields.all().size(), 1u);
}

}  // namespace
}  // namespace gatehouse::http1
