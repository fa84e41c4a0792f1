// The table of response heads, read whole, dripped and cut at every place.
#include "gateway/http1/response_scanner.hpp"

#include <gtest/gtest.h>

#include "cases.hpp"

namespace gatehouse::http1 {
namespace {

using test::Case;

const std::vector<Case>& cases() {
  static const std::vector<Case> rows = test::read_cases("http1_responses.cases");
  return rows;
}

std::uint32_t head_max(const Case& row) { return row.limits.head; }

std::string whole(const Case& row) {
  http::Response response;
  ResponseScanner scanner;
  const Scan scan = scanner.scan(row.text, head_max(row), row.method, response);
  return test::describe(scan, response);
}

TEST(ResponseScanner, gives_the_verdict_of_the_table) {
  ASSERT_GE(cases().size(), 80u);
  for (const Case& row : cases()) {
    EXPECT_TRUE(test::matches(whole(row), row.verdict))
        << "line " << row.line << " (" << row.clause << "): " << row.verdict << "\n  but it was " << whole(row);
  }
}

TEST(ResponseScanner, gives_the_same_verdict_byte_by_byte) {
  for (const Case& row : cases()) {
    http::Response response;
    ResponseScanner scanner;
    Scan scan;
    for (std::size_t n = 1; n <= row.text.size() && scan.need_more(); ++n) {
      scan = scanner.scan({row.text.data(), n}, head_max(row), row.method, response);
    }
    EXPECT_EQ(test::describe(scan, response), whole(row)) << "line " << row.line;
  }
}

TEST(ResponseScanner, gives_the_same_verdict_cut_at_every_place) {
  for (const Case& row : cases()) {
    for (std::size_t cut = 1; cut < row.text.size() && row.text.size() < 1000; ++cut) {
      http::Response response;
      ResponseScanner scanner;
      Scan scan = scanner.scan({row.text.data(), cut}, head_max(row), row.method, response);
      if (scan.need_more()) scan = scanner.scan(row.text, head_max(row), row.method, response);
      EXPECT_EQ(test::describe(scan, response), whole(row)) << "line " << row.line << " cut at " << cut;
    }
  }
}

TEST(ResponseScanner, blames_the_origin) {
  http::Response response;
  ResponseScanner scanner;
  const Scan scan = scanner.scan(std::string_view("HTTP/1.1 200 OK\r\nX : y\r\n\r\n"), 1000, http::Method::get, response);
  EXPECT_EQ(scan.errc, Errc::origin_bad_head);
  EXPECT_EQ(scan.detail, Errc::bad_field_name);
  EXPECT_EQ(scan.status, 502);
  EXPECT_EQ(exchange::fault_of(scan.errc).side, exchange::Side::origin);
}

TEST(ResponseScanner, reads_the_final_head_behind_an_interim_one) {
  const std::string both = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  http::Response response;
  ResponseScanner scanner;
  const Scan first = scanner.scan(both, 1000, http::Method::get, response);
  ASSERT_TRUE(first.complete());
  EXPECT_EQ(response.status, 103);
  scanner.reset();
  ASSERT_TRUE(scanner.scan(std::string_view(both).substr(first.head_size), 1000, http::Method::get, response).complete());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.length, 1u);
  EXPECT_EQ(response.fields.all().size(), 1u);
}

}  // namespace
}  // namespace gatehouse::http1
