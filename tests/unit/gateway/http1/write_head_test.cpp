// Heads on their way out: what is forwarded, rewritten, left out and added.
#include "gateway/http1/write_head.hpp"

#include <gtest/gtest.h>

#include "cases.hpp"
#include "gateway/http/hop_by_hop.hpp"

namespace gatehouse::http1 {
namespace {

/// A scanned request together with its text.
struct Scanned {
  explicit Scanned(std::string head) : text(std::move(head)) {
    RequestScanner scanner;
    EXPECT_TRUE(scanner.scan(text, ScanLimits(), request).complete()) << text;
  }
  std::string text;
  http::Request request;
};

std::string written(const http::Request& request, std::string_view target = {}, std::string_view host = {}) {
  std::array<char, 4096> out;
  return std::string(out.data(), write_request_head(out, request, target, host));
}
std::string written(const http::Response& response) {
  std::array<char, 4096> out;
  return std::string(out.data(), write_response_head(out, response));
}

TEST(WriteRequestHead, forwards_a_canonical_head_as_it_stands) {
  const std::string head = "GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\nUser-Agent: z\r\n\r\n";
  EXPECT_EQ(written(Scanned(head).request), head);
}

TEST(WriteRequestHead, rewrites_what_is_not_canonical) {
  EXPECT_EQ(written(Scanned("\r\nGET /? HTTP/1.0\r\nHost:a\r\nX:\t y \r\nY:\r\nZ: z\r\n\r\n").request),
            "GET /? HTTP/1.1\r\nHost: a\r\nX: y\r\nY: \r\nZ: z\r\n\r\n");
}

TEST(WriteRequestHead, leaves_out_dropped_fields_and_adds_others) {
  Scanned in("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nX: y\r\nKeep-Alive: 5\r\nB: c\r\n\r\n");
  http::drop_hop_by_hop(in.request);
  in.request.fields.add("x-forwarded-for", "192.0.2.1");
  EXPECT_EQ(written(in.request), "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nx-forwarded-for: 192.0.2.1\r\n\r\n");
}

TEST(WriteRequestHead, writes_framing_from_the_body) {
  Scanned counted("POST / HTTP/1.1\r\nContent-Length:   0005\r\nHost: a\r\n\r\n");
  EXPECT_EQ(written(counted.request), "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\n");
  Scanned chunked("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  CHUNKED\r\n\r\n");
  EXPECT_EQ(written(chunked.request), "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n");
  chunked.request.body = {http::BodyKind::counted, 7};
  EXPECT_EQ(written(chunked.request), "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 7\r\n\r\n");
}

TEST(WriteRequestHead, takes_another_target_and_host) {
  Scanned in("GET /a HTTP/1.1\r\nX: y\r\nHost: a\r\nZ: z\r\n\r\n");
  EXPECT_EQ(written(in.request, "/b?c", "b.example"), "GET /b?c HTTP/1.1\r\nhost: b.example\r\nX: y\r\nZ: z\r\n\r\n");
}

TEST(WriteRequestHead, puts_the_origins_prefix_before_the_path) {
  Scanned in("GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n");
  in.request.path_prefix = "/site";
  EXPECT_EQ(written(in.request), "GET /site/a?b HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(WriteRequestHead, makes_origin_form_of_an_absolute_target) {
  // RFC 9112 3.2.2: the target's authority replaces Host.
  EXPECT_EQ(written(Scanned("GET http://b:81/p?q HTTP/1.1\r\nHost: a\r\n\r\n").request), "GET /p?q HTTP/1.1\r\nhost: b:81\r\n\r\n");
  EXPECT_EQ(written(Scanned("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n").request), "GET /?q HTTP/1.1\r\nhost: b\r\n\r\n");
  EXPECT_EQ(written(Scanned("OPTIONS http://b HTTP/1.1\r\nHost: b\r\n\r\n").request), "OPTIONS * HTTP/1.1\r\nhost: b\r\n\r\n");
}

TEST(WriteRequestHead, sends_an_empty_host_when_there_is_none) {
  EXPECT_EQ(written(Scanned("GET / HTTP/1.0\r\nX: y\r\n\r\n").request), "GET / HTTP/1.1\r\nhost: \r\nX: y\r\n\r\n");
}

TEST(WriteRequestHead, says_when_it_does_not_fit) {
  Scanned in("POST /a HTTP/1.1\r\nHost: a\r\nX:y\r\nContent-Length: 5\r\n\r\n");
  in.request.fields.add("b", "c");
  const std::string whole = written(in.request);
  std::vector<char> out(whole.size());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(write_request_head({out.data(), n}, in.request, {}, {}), 0u) << n;
  EXPECT_EQ(write_request_head(out, in.request, {}, {}), whole.size());
}

TEST(WriteRequestHead, is_read_again_as_the_same_request) {
  // Canonical out: every head of the table that is accepted can be read again, means the same, and does not change.
  int count = 0;
  for (const test::Case& row : test::read_cases("http1_requests.cases")) {
    http::Request request;
    RequestScanner scanner;
    if (!scanner.scan(row.text, row.limits, request).complete() || row.text.size() > 4000) continue;
    const std::string once = written(request);
    if (request.version_minor == 0 && request.authority.empty()) continue;  // its Host is empty, which we refuse
    Scanned again(once);
    EXPECT_EQ(again.request.path, request.path);
    EXPECT_EQ(again.request.query, request.query);
    EXPECT_EQ(again.request.authority, request.authority);
    EXPECT_EQ(test::body_text(again.request.body), test::body_text(request.body));
    EXPECT_EQ(written(again.request), once) << "line " << row.line;
    ++count;
  }
  EXPECT_GT(count, 60);
}

struct ScannedResponse {
  explicit ScannedResponse(std::string head, http::Method method = http::Method::get) : text(std::move(head)) {
    ResponseScanner scanner;
    EXPECT_TRUE(scanner.scan(text, 4096, method, response).complete()) << text;
  }
  std::string text;
  http::Response response;
};

TEST(WriteResponseHead, forwards_and_frames) {
  EXPECT_EQ(written(ScannedResponse("HTTP/1.0 200 Fine\r\nX:y\r\nContent-Length: 5\r\nY: z\r\n\r\n").response),
            "HTTP/1.1 200 Fine\r\nX: y\r\nY: z\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\n\r\n").response),
            "HTTP/1.1 404 \r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 200 OK\r\n\r\n").response), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(WriteResponseHead, keeps_the_length_that_a_get_would_have) {
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 200 OK\r\nContent-Length:5\r\n\r\n", http::Method::head).response),
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").response),
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n");
  // RFC 9110 8.6: never in 1xx and 204.
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").response), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(written(ScannedResponse("HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n").response), "HTTP/1.1 103 Early Hints\r\n\r\n");
}

TEST(WriteResponseHead, says_when_it_does_not_fit) {
  ScannedResponse in("HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n");
  const std::string whole = written(in.response);
  std::vector<char> out(whole.size());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(write_response_head({out.data(), n}, in.response), 0u);
  EXPECT_EQ(write_response_head(out, in.response), whole.size());
}

}  // namespace
}  // namespace gatehouse::http1
