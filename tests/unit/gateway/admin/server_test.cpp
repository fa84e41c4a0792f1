#include "gateway/admin/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <future>
#include <thread>

#include "gateway/admin/address.hpp"
#include "tests/unit/gateway/admin/fake_control.hpp"

namespace gatehouse::admin {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A blocking client that sends bytes as they are.
class RawClient {
 public:
  explicit RawClient(const std::string& address) : socket_(io_) {
    socket_.connect(parse_address(address).value().endpoint);
    // So that a test that hangs fails.
    const timeval limit{10, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  void send(const std::string& text) {
    boost::system::error_code ignored;  // the server may have closed already: what it said before is what counts
    asio::write(socket_, asio::buffer(text), ignored);
  }
  /// Everything until the server closes.
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(socket_.native_handle(), buffer, sizeof buffer, 0)) > 0;) {
      out.append(buffer, static_cast<std::size_t>(n));
    }
    return out;
  }
  /// Until the text ends with `end`.
  std::string read_until(const std::string& end) {
    std::string out;
    char c = 0;
    while (!out.ends_with(end) && ::recv(socket_.native_handle(), &c, 1, 0) == 1) out += c;
    return out;
  }

 private:
  asio::io_context io_;
  asio::generic::stream_protocol::socket socket_;
};

class AdminServerTest : public testing::Test {
 protected:
  void start(const std::string& address = "127.0.0.1:0", ServerOptions options = ServerOptions()) {
    server_.emplace(io_, control_, std::move(options));
    const auto bound = server_->start(address);
    ASSERT_TRUE(bound) << bound.error();
    address_ = *bound;
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    on_server([this] {
      if (server_) server_->stop();
    });
    guard_.reset();
    thread_.join();  // run() returns once nothing is under way: nothing is left behind
  }
  template <class F>
  void on_server(F work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::string ask(const std::string& text) {
    RawClient client(address_);
    client.send(text);
    return client.read_all();
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{io_.get_executor()};
  FakeControl control_;
  std::optional<Server> server_;
  std::string address_;
  std::thread thread_;
};

constexpr const char* get_health = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr const char* get_health_last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

TEST_F(AdminServerTest, answers_over_tcp_with_fields_that_keep_it_out_of_caches) {
  start();
  EXPECT_EQ(ask(get_health_last),
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 3\r\n\r\nok\n");
}

TEST_F(AdminServerTest, several_requests_share_a_connection_even_when_sent_at_once) {
  start();
  const std::string text = ask(std::string(get_health) + get_health + get_health_last);
  std::size_t answers = 0;
  for (std::size_t at = 0; (at = text.find("HTTP/1.1 200 OK", at)) != std::string::npos; ++at) ++answers;
  EXPECT_EQ(answers, 3u);
}

TEST_F(AdminServerTest, head_has_the_length_but_no_content) {
  start();
  const std::string text = ask("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(text.find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST_F(AdminServerTest, content_is_read_and_changes_the_process) {
  start();
  const std::string text = ask("PATCH /v1/regions/eu-north-1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                               "Content-Type: application/json\r\nContent-Length: 19\r\n\r\n{\"traffic_dial\": 7}");
  EXPECT_NE(text.find("200 OK"), std::string::npos) << text;
  on_server([this] { EXPECT_EQ(control_.region_views[0].traffic_dial, 7); });
}

TEST_F(AdminServerTest, a_client_that_waits_for_100_continue_is_told_to_go_on) {
  start();
  RawClient client(address_);
  client.send("PATCH /v1/regions/eu-north-1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
              "Content-Type: application/json\r\nContent-Length: 19\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("{\"traffic_dial\": 7}");
  EXPECT_NE(client.read_all().find("200 OK"), std::string::npos);
}

TEST_F(AdminServerTest, a_foreign_host_or_origin_is_refused_before_anything_happens) {
  start();
  EXPECT_NE(ask("POST /v1/reload HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").find("403 Forbidden"),
            std::string::npos);
  EXPECT_NE(ask("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n")
                .find("403 Forbidden"), std::string::npos);
  on_server([this] { EXPECT_EQ(control_.reloads, 0); });
}

TEST_F(AdminServerTest, requests_that_are_not_valid_get_a_problem_and_the_end_of_the_connection) {
  start();
  const std::pair<const char*, const char*> rows[]{
      {"nonsense\r\n\r\n", "400"},
      {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
      {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "400"},
      {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil\r\n\r\n", "400"},
      {"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"},
      {"POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n", "413"},
  };
  for (const auto& [request, status] : rows) {
    const std::string text = ask(request);
    EXPECT_TRUE(text.starts_with(std::string("HTTP/1.1 ") + status)) << request << text;
    EXPECT_NE(text.find("application/problem+json"), std::string::npos) << request;
    EXPECT_NE(text.find("Connection: close"), std::string::npos) << request;
  }
}

TEST_F(AdminServerTest, a_head_that_is_too_large_is_refused) {
  start();
  const std::string text = ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 431")) << text;
}

TEST_F(AdminServerTest, a_client_that_sends_too_slowly_is_let_go) {
  ServerOptions options;
  options.request_time = 100ms;
  start("127.0.0.1:0", options);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\nHo"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(AdminServerTest, more_connections_than_allowed_are_closed_at_once) {
  ServerOptions options;
  options.connections_max = 2;
  start("127.0.0.1:0", options);
  RawClient one(address_);
  RawClient two(address_);
  one.send(get_health);
  two.send(get_health);
  EXPECT_NE(one.read_until("ok\n"), "");
  EXPECT_NE(two.read_until("ok\n"), "");
  EXPECT_EQ(RawClient(address_).read_all(), "");
  one.send(get_health_last);
  EXPECT_NE(one.read_all().find("200 OK"), std::string::npos) << "the others are not affected";
}

TEST_F(AdminServerTest, a_reload_that_takes_its_time_is_answered_when_it_is_done) {
  control_.hold_reload = true;
  start();
  RawClient client(address_);
  client.send("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  for (bool held = false; !held;) on_server([&] { held = static_cast<bool>(control_.held); });
  EXPECT_NE(ask(get_health_last).find("200 OK"), std::string::npos) << "nobody else waits for it";
  on_server([this] { control_.held(control_.reload_result); });
  EXPECT_NE(client.read_all().find("\"generation\":4"), std::string::npos);
}

TEST_F(AdminServerTest, stopping_during_a_reload_leaves_nothing_behind) {
  control_.hold_reload = true;
  start();
  RawClient client(address_);
  client.send("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (bool held = false; !held;) on_server([&] { held = static_cast<bool>(control_.held); });
  on_server([this] {
    server_->stop();
    server_.reset();
    control_.held(control_.reload_result);
    control_.held = nullptr;
  });
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(AdminServerTest, finishing_lets_an_answer_under_way_be_written_and_closes_the_rest) {
  control_.hold_reload = true;
  start();
  RawClient idle(address_);
  idle.send(get_health);
  EXPECT_NE(idle.read_until("ok\n"), "");
  RawClient busy(address_);
  busy.send("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (bool held = false; !held;) on_server([&] { held = static_cast<bool>(control_.held); });
  std::promise<void> finished;
  on_server([&] { server_->finish([&] { finished.set_value(); }); });
  EXPECT_EQ(idle.read_all(), "");
  on_server([this] { control_.held(control_.reload_result); });
  EXPECT_NE(busy.read_all().find("\"generation\":4"), std::string::npos);
  finished.get_future().wait();
}

TEST_F(AdminServerTest, finishing_does_not_wait_for_ever) {
  control_.hold_reload = true;
  start();
  RawClient busy(address_);
  busy.send("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (bool held = false; !held;) on_server([&] { held = static_cast<bool>(control_.held); });
  std::promise<void> finished;
  on_server([&] { server_->finish([&] { finished.set_value(); }); });
  EXPECT_EQ(finished.get_future().wait_for(10s), std::future_status::ready);
  on_server([this] { control_.held = nullptr; });
}

TEST_F(AdminServerTest, finishing_with_nobody_there_is_done_at_once) {
  start();
  std::promise<void> finished;
  on_server([&] { server_->finish([&] { finished.set_value(); }); });
  finished.get_future().wait();
}

TEST_F(AdminServerTest, an_address_in_use_is_said) {
  start();
  Server second(io_, control_);
  const auto bound = second.start(address_);
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().find(address_), std::string::npos);
  EXPECT_NE(bound.error().find("in use"), std::string::npos) << bound.error();
}

class AdminSocketFileTest : public AdminServerTest {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/gatehouse-admin-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern), nullptr);
    folder_ = pattern;
    path_ = folder_ + "/admin.sock";
  }
  void TearDown() override {
    AdminServerTest::TearDown();
    std::filesystem::remove_all(folder_);
  }
  std::string folder_;
  std::string path_;
};

TEST_F(AdminSocketFileTest, serves_its_owner_alone_and_removes_the_file_at_the_end) {
  start("unix:" + path_);
  EXPECT_EQ(address_, "unix:" + path_);
  struct stat about {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_NE(ask(get_health_last).find("200 OK"), std::string::npos);
  on_server([this] { server_->stop(); });
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(AdminSocketFileTest, a_stale_file_is_replaced_and_one_in_use_is_not) {
  {
    asio::io_context io;
    asio::generic::stream_protocol::socket left_behind(io);
    const auto endpoint = parse_address("unix:" + path_)->endpoint;
    left_behind.open(endpoint.protocol());
    left_behind.bind(endpoint);
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  start("unix:" + path_);
  Server second(io_, control_);
  EXPECT_FALSE(second.start("unix:" + path_));
  EXPECT_NE(ask(get_health_last).find("200 OK"), std::string::npos);
}

TEST(AdminAddress, the_forms_are_read_and_others_are_explained) {
  EXPECT_EQ(parse_address("127.0.0.1:9900")->host, "127.0.0.1:9900");
  EXPECT_EQ(parse_address("[::1]:9900")->host, "[::1]:9900");
  EXPECT_EQ(parse_address("localhost:9900")->host, "localhost:9900");
  EXPECT_EQ(parse_address("unix:/run/x.sock")->unix_path, "/run/x.sock");
  for (const char* text : {"", "9900", ":9900", "127.0.0.1", "::1:9900", "[127.0.0.1]:1", "127.0.0.1:x", "127.0.0.1:70000",
                           "127.0.0.1:", "example.com:80", "unix:"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_FALSE(address.error().empty());
  }
  EXPECT_FALSE(parse_address("unix:/" + std::string(200, 'x')));
}

}  // namespace
}  // namespace gatehouse::admin
