#include "gateway/control_http/server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
#include <future>
#include <optional>
#include <thread>

namespace gatehouse::control_http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Says what it was asked, and refuses as it is told to.
class Mirror final : public Responder {
 public:
  std::optional<Response> screen(const Request& head) override {
    return head.target == "/screened" ? std::optional<Response>(Response{403, {}, "no"}) : std::nullopt;
  }
  void respond(Request request, Respond done) override {
    const std::string* const color = request.find("x-color");
    Response out;
    out.fields = {{"X-One", "1"}, {"X-One", "2"}};
    out.body = request.method + ' ' + request.target + ' ' + (color != nullptr ? *color : "-") + ' ' + std::to_string(request.count("X-COLOR")) +
               ' ' + request.peer + ' ' + request.body;
    done(std::move(out));
  }
  std::optional<Response> refuse(unsigned status, const std::string& why) override {
    if (silent) return std::nullopt;
    return Response{status, {}, why};
  }
  bool silent{false};
};

class ControlServerTest : public testing::Test {
 protected:
  void start(const Limits& limits = Limits()) {
    server_.emplace(io_, mirror_, limits);
    ASSERT_FALSE(server_->start(tcp::endpoint(asio::ip::address_v4::loopback(), 0)));
    address_ = server_->address();
    port_ = server_->port();
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { server_->stop(); });
    thread_.join();  // run() returns once nothing is under way: nothing is left behind
  }
  /// All that the server says to these bytes, sent in pieces of that size, until it closes.
  std::string ask(const std::string& text, std::size_t piece = std::string::npos) {
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_));
    const timeval limit{10, 0};  // so that a test that hangs fails
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    boost::system::error_code ignored;  // it may have closed already: what it said before is what counts
    socket.set_option(tcp::no_delay(true), ignored);
    for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
      asio::write(socket, asio::buffer(std::string_view(text).substr(at, piece)), ignored);
    }
    std::string out;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(socket.native_handle(), buffer, sizeof buffer, 0)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
    return out;
  }

  asio::io_context io_;
  Mirror mirror_;
  std::optional<Server> server_;
  std::string address_;
  std::uint16_t port_{0};
  std::thread thread_;
};

constexpr const char* last = "Host: x\r\nConnection: close\r\n";

TEST_F(ControlServerTest, the_responder_sees_the_whole_request_and_its_answer_arrives_whole) {
  start();
  EXPECT_EQ(address_, "127.0.0.1:" + std::to_string(port_));
  EXPECT_EQ(ask(std::string("PUT /a?b HTTP/1.1\r\n") + last + "X-Color: red\r\nX-Color: blue\r\nContent-Length: 4\r\n\r\nbody"),
            "HTTP/1.1 200 OK\r\nConnection: close\r\nX-One: 1\r\nX-One: 2\r\nContent-Length: 29\r\n\r\nPUT /a?b red 2 127.0.0.1 body");
}

TEST_F(ControlServerTest, chunked_content_is_put_together) {
  start();
  const std::string text = ask(std::string("POST / HTTP/1.1\r\n") + last + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  EXPECT_TRUE(text.ends_with("POST / - 0 127.0.0.1 abc")) << text;
}

TEST_F(ControlServerTest, requests_may_come_in_pieces_of_any_size_and_several_in_one) {
  start();
  const std::string two = std::string("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello") + "POST /b HTTP/1.1\r\n" + last +
                          "Transfer-Encoding: chunked\r\n\r\n3\r\nbye\r\n0\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{60}, std::string::npos}) {
    const std::string text = ask(two, piece);
    EXPECT_NE(text.find("POST /a - 0 127.0.0.1 hello"), std::string::npos) << piece << text;
    EXPECT_TRUE(text.ends_with("POST /b - 0 127.0.0.1 bye")) << piece << text;
  }
}

TEST_F(ControlServerTest, content_as_large_as_the_limit_arrives_whole) {
  Limits limits;
  limits.body_max = 3'000'000;
  start(limits);
  const std::string content(3'000'000, 'c');
  EXPECT_TRUE(ask(std::string("PUT / HTTP/1.1\r\n") + last + "Content-Length: 3000000\r\n\r\n" + content).ends_with(" 127.0.0.1 " + content));
}

TEST_F(ControlServerTest, head_gets_the_length_without_the_content) {
  start();
  const std::string text = ask(std::string("HEAD / HTTP/1.1\r\n") + last + "\r\n");
  EXPECT_TRUE(text.ends_with("Content-Length: 21\r\n\r\n")) << text;
}

TEST_F(ControlServerTest, an_http_1_0_client_is_answered_in_its_version_when_that_is_asked_for) {
  Limits limits;
  limits.mirror_version = true;
  start(limits);
  EXPECT_TRUE(ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 OK\r\n"));
  const std::string kept = ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(kept.starts_with("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n")) << kept;
  EXPECT_NE(kept.find("HTTP/1.0 200 OK", 10), std::string::npos) << kept;
}

TEST_F(ControlServerTest, an_http_1_0_client_gets_http_1_1_otherwise) {
  start();
  EXPECT_TRUE(ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n"));
}

TEST_F(ControlServerTest, a_head_can_be_refused_before_its_content_is_there) {
  start();
  const std::string text = ask("POST /screened HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n")) << text;
}

TEST_F(ControlServerTest, what_cannot_be_read_is_refused_with_its_reason) {
  start();
  EXPECT_TRUE(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
}

TEST_F(ControlServerTest, a_responder_may_refuse_without_a_word) {
  mirror_.silent = true;
  start();
  EXPECT_EQ(ask("nonsense\r\n\r\n"), "");
}

TEST_F(ControlServerTest, content_beyond_the_limit_can_be_dropped_instead) {
  Limits limits;
  limits.body_max = 3;
  limits.beyond_body_max = Beyond::cut;
  start(limits);
  const std::string post = std::string("POST / HTTP/1.1\r\n") + last;
  EXPECT_TRUE(ask(post + "Content-Length: 5\r\n\r\nabcde").ends_with(" abc"));
  EXPECT_TRUE(ask(post + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n").ends_with(" abc"));
}

TEST_F(ControlServerTest, the_limit_on_content_can_change_while_it_serves) {
  start();
  std::promise<void> changed;
  asio::post(io_, [&] {
    server_->limit_content(3);
    changed.set_value();
  });
  changed.get_future().wait();
  EXPECT_TRUE(ask(std::string("POST / HTTP/1.1\r\n") + last + "Content-Length: 4\r\n\r\nabcd").starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(ask(std::string("POST / HTTP/1.1\r\n") + last + "Content-Length: 3\r\n\r\nabc").starts_with("HTTP/1.1 200"));
}

TEST_F(ControlServerTest, an_address_in_use_is_an_error) {
  start();
  Server second(io_, mirror_, Limits());
  EXPECT_EQ(second.start(tcp::endpoint(asio::ip::address_v4::loopback(), port_)), asio::error::address_in_use);
}

}  // namespace
}  // namespace gatehouse::control_http
