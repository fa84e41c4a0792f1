#include "gateway/cli/client_verbs.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <future>
#include <optional>
#include <sstream>
#include <thread>

#include "gateway/admin/server.hpp"
#include "gateway/cli/admin_client.hpp"
#include "gateway/cli/verb.hpp"
#include "tests/unit/gateway/admin/fake_control.hpp"

namespace gatehouse::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A gateway that is nothing but its admin API, on a thread of its own.
class ClientVerbsTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.emplace(io_, control_);
    const auto bound = server_->start("127.0.0.1:0");
    ASSERT_TRUE(bound) << bound.error();
    options_.admin = *bound;
    thread_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override { end(); }
  void end() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { server_->stop(); });
    thread_.join();
  }
  Output output() { return Output{out_, err_}; }

  asio::io_context io_;
  admin::FakeControl control_;
  std::optional<admin::Server> server_;
  std::thread thread_;
  AdminOptions options_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ClientVerbsTest, status_prints_a_table_or_the_document) {
  EXPECT_EQ(status_command(options_, output()), 0);
  EXPECT_NE(out_.str().find("TARGET GROUP web"), std::string::npos);
  EXPECT_NE(out_.str().find("unhealthy: connection refused"), std::string::npos);
  EXPECT_EQ(err_.str(), "");
  out_.str("");
  options_.format = "json";
  EXPECT_EQ(status_command(options_, output()), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("generation").as_int64(), 3);
}

TEST_F(ClientVerbsTest, reload_prints_what_changed) {
  EXPECT_EQ(reload_command(options_, output()), 0);
  EXPECT_EQ(out_.str(), "configuration reloaded: generation 4\n"
                        "  target_groups[web].endpoints[127.0.0.1:9001].weight: 128 -> 64\n");
  control_.reload_result.changes.clear();
  out_.str("");
  EXPECT_EQ(reload_command(options_, output()), 0);
  EXPECT_EQ(out_.str(), "configuration reloaded: generation 4, nothing changed\n");
}

TEST_F(ClientVerbsTest, reload_of_a_configuration_that_is_not_valid_prints_all_problems_and_fails) {
  control_.reload_result = {false, 3, {}, "edge.yaml:3:5: error: listeners: missing\n", R"({"errors": 1})"};
  EXPECT_EQ(reload_command(options_, output()), 1);
  EXPECT_EQ(out_.str(), "");
  EXPECT_NE(err_.str().find("the old one stays in force"), std::string::npos);
  EXPECT_NE(err_.str().find("edge.yaml:3:5"), std::string::npos);
  options_.format = "json";
  EXPECT_EQ(reload_command(options_, output()), 1);
  EXPECT_EQ(boost::json::parse(out_.str()).at("problems").at("errors").as_int64(), 1);
}

TEST_F(ClientVerbsTest, drain_begins_and_says_how_long_it_may_take) {
  EXPECT_EQ(drain_command(options_, 0s, output()), 0);
  EXPECT_EQ(out_.str(), "draining: 5 connections have up to 30 s to end\n");
}

TEST_F(ClientVerbsTest, drain_fails_when_the_end_does_not_come_in_time) {
  EXPECT_EQ(drain_command(options_, 1s, output()), 1);
  EXPECT_NE(err_.str().find("had not ended after 1 s"), std::string::npos);
}

TEST_F(ClientVerbsTest, drain_waits_for_the_end) {
  auto waiting = std::async(std::launch::async, [&] { return drain_command(options_, 60s, output()); });
  // Once it asks how things are, the drain itself has been answered.
  for (bool asked = false; !asked;) {
    std::promise<bool> look;
    asio::post(io_, [&] { look.set_value(control_.readiness_asked > 0); });
    asked = look.get_future().get();
  }
  end();
  EXPECT_EQ(waiting.get(), 0);
  EXPECT_NE(out_.str().find("ended\n"), std::string::npos);
}

TEST_F(ClientVerbsTest, when_nothing_listens_the_message_says_what_to_do) {
  end();
  EXPECT_EQ(status_command(options_, output()), 1);
  EXPECT_EQ(err_.str(), "gatehouse: nothing listens on " + options_.admin +
                            ". Is gatehouse running? --admin names another address\n");
  EXPECT_EQ(out_.str(), "");
  options_.admin = "unix:/nonexistent/gatehouse.sock";
  EXPECT_EQ(reload_command(options_, output()), 1);
  EXPECT_NE(err_.str().find("nothing listens on unix:/nonexistent"), std::string::npos);
}

TEST_F(ClientVerbsTest, an_address_that_is_none_is_wrong_usage) {
  options_.admin = "nonsense";
  EXPECT_EQ(status_command(options_, output()), 2);
  EXPECT_NE(err_.str().find("\"nonsense\" is no admin address"), std::string::npos);
}

TEST_F(ClientVerbsTest, the_verbs_parse_their_options_and_set_the_exit_code) {
  CommandLine line("gatehouse", "about", "footer");
  add_status(line.top());
  add_reload(line.top());
  add_drain(line.top());
  testing::internal::CaptureStdout();
  EXPECT_EQ(line.run({"status", "--admin", options_.admin, "--format", "json"}), 0);
  EXPECT_TRUE(boost::json::parse(testing::internal::GetCapturedStdout()).is_object());
  EXPECT_EQ(line.run({"status", "--format", "xml"}), 2);
  EXPECT_EQ(line.run({"drain", "--wait", "-1"}), 2);
  EXPECT_EQ(line.run({"reload", "extra"}), 2);
}

/// A peer that says what it is told to, once.
class CannedServer {
 public:
  explicit CannedServer(std::string answer, bool silent = false)
      : acceptor_(io_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_([this, answer = std::move(answer), silent] {
          asio::ip::tcp::socket socket = acceptor_.accept();
          char buffer[4096];
          socket.read_some(asio::buffer(buffer));
          boost::system::error_code ignored;
          if (silent) socket.read_some(asio::buffer(buffer), ignored);  // until the client gives up
          asio::write(socket, asio::buffer(answer), ignored);
        }) {}
  ~CannedServer() { thread_.join(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST(AdminClient, a_peer_that_is_something_else_is_recognized) {
  for (const auto& [answer, message] : {std::pair{"SSH-2.0-OpenSSH\r\n", "does not speak HTTP"},
                                        std::pair{"", "closed the connection without an answer"}}) {
    const CannedServer server(answer);
    AdminRequest request;
    request.admin = server.address();
    request.method = "GET";
    request.target = "/v1/status";
    const auto reply = ask_admin(request);
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().message.find(message), std::string::npos) << reply.error().message;
    EXPECT_FALSE(reply.error().nobody);
  }
}

TEST(AdminClient, an_answer_may_end_with_the_connection_but_not_before_its_length) {
  AdminRequest request;
  request.method = "GET";
  request.target = "/";
  const CannedServer whole("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello");
  request.admin = whole.address();
  const auto reply = ask_admin(request);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->content_type, "text/plain");
  const CannedServer cut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  request.admin = cut.address();
  const auto broken = ask_admin(request);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("before its answer was whole"), std::string::npos) << broken.error().message;
}

TEST(AdminClient, a_web_server_that_is_not_gatehouse_does_not_confuse_status) {
  const CannedServer server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>");
  std::ostringstream out;
  std::ostringstream err;
  AdminOptions options;
  options.admin = server.address();
  EXPECT_EQ(status_command(options, Output{out, err}), 1);
  EXPECT_NE(err.str().find("is not gatehouse's admin API"), std::string::npos);
}

TEST(AdminClient, a_peer_that_says_nothing_is_given_up) {
  const CannedServer server("", true);
  AdminRequest request;
  request.admin = server.address();
  request.method = "GET";
  request.target = "/";
  request.timeout = 100ms;
  const auto reply = ask_admin(request);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().message.find("no answer from"), std::string::npos) << reply.error().message;
}

}  // namespace
}  // namespace gatehouse::cli
