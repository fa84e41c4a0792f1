// Step 6: which failures are tried again, and with which requests. Two endpoints; what the first connection does is told
// in each test.
#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

using exchange::Errc;

session::Setup& two_endpoints() {
  static session::Setup made(configuration(to_web,
                                           "  - name: web\n    health_check: { enabled: false }\n    outlier_detection: { enabled: false }\n"
                                           "    endpoints: [ { address: \"127.0.0.1:9001\" }, { address: \"127.0.0.1:9002\" } ]\n"));
  return made;
}

/// How the gateway deals with a first connection that is struck at its n-th operation.
struct Struck {
  session::Strike strike;
  unsigned at;
};

struct Result {
  int status{0};
  std::size_t attempts{0};
  session::Outcome outcome;
};

Result ask(const std::string& request, Struck struck) {
  session::Faults plan;
  plan.side = exchange::Side::origin;
  plan.strike = struck.strike;
  plan.at = struck.at;
  session::World world(two_endpoints(), plan);
  session::Link& client = world.connect();
  client.to_gateway = request;
  const bool ended = world.run([&] {
    bool news = false;
    for (session::Link& origin : world.origins) {
      const session::Messages requests = session::read_requests(origin.from_gateway);
      if (!origin.to_gateway.empty() || origin.peer_ended || requests.whole() == 0) continue;
      origin.to_gateway = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      news = true;
    }
    if (!client.peer_ended && session::read_responses(client.from_gateway, {}).whole() != 0) client.peer_ended = news = true;
    return news;
  });
  EXPECT_TRUE(ended);
  Result result;
  const session::Messages replies = session::read_responses(client.from_gateway, {});
  if (!replies.all.empty()) result.status = replies.all.back().status();
  result.attempts = world.origins.size();
  if (!world.outcomes().empty()) result.outcome = world.outcomes().front();
  return result;
}

std::string request(const std::string& method, const std::string& fields = "", const std::string& body = "") {
  return method + " / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

// The first operation on an origin's connection is the send of the head, the second the read of the response.
constexpr Struck at_send{session::Strike::reset, 1};
constexpr Struck at_read{session::Strike::reset, 2};
constexpr Struck closed_at_read{session::Strike::end, 2};
constexpr Struck silent_at_read{session::Strike::stall, 2};

TEST(Forward, sends_idempotent_requests_again_elsewhere) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
    for (const Struck struck : {at_send, at_read, closed_at_read}) {
      const Result result = ask(request(method), struck);
      EXPECT_EQ(result.status, 200) << method;
      EXPECT_EQ(result.attempts, 2u) << method;
      EXPECT_EQ(result.outcome.account.retries, 1u);
      EXPECT_EQ(result.outcome.account.reason, Errc::none);
    }
  }
}

TEST(Forward, never_sends_others_again_once_something_was_sent) {
  for (const char* method : {"POST", "PATCH", "PURGE"}) {
    for (const Struck struck : {at_send, at_read, closed_at_read}) {
      const Result result = ask(request(method), struck);
      EXPECT_EQ(result.status, 502) << method;
      EXPECT_EQ(result.attempts, 1u) << method;
    }
  }
}

TEST(Forward, does_not_ask_twice_for_what_takes_too_long) {
  const Result result = ask(request("GET"), silent_at_read);
  EXPECT_EQ(result.status, 504);
  EXPECT_EQ(result.attempts, 1u);
  EXPECT_EQ(result.outcome.account.reason, Errc::origin_timeout);
}

TEST(Forward, sends_content_again_only_when_it_was_all_at_hand) {
  EXPECT_EQ(ask(request("PUT", "Content-Length: 5\r\n", "hello"), at_read).status, 200);
  const std::string large(20'000, 'x');
  const Result result = ask(request("PUT", "Content-Length: 20000\r\n", large), at_read);
  EXPECT_EQ(result.status, 502);
  EXPECT_EQ(result.attempts, 1u);
}

TEST(Forward, tries_what_could_not_be_sent_elsewhere_whatever_the_method) {
  session::World world(two_endpoints());
  world.refuse_origins = true;
  session::Link& client = world.connect();
  client.to_gateway = request("POST");
  world.run([&] {
    const bool answered = session::read_responses(client.from_gateway, {}).whole() != 0;
    return answered && !std::exchange(client.peer_ended, true);
  });
  ASSERT_EQ(world.outcomes().size(), 1u);
  EXPECT_EQ(world.outcomes()[0].account.retries, 1u);
  EXPECT_EQ(world.outcomes()[0].account.reason, Errc::connect_failed);
}

TEST(Forward, a_pooled_connection_that_the_origin_has_closed_is_not_used) {
  Client client(two_endpoints());
  client.get();
  client.get();
  ASSERT_EQ(client.world().origins.size(), 2u) << "both endpoints in turn";
  for (session::Link& origin : client.world().origins) origin.peer_ended = true;
  const Asked asked = client.get();
  EXPECT_EQ(asked.reply.status(), 200);
  EXPECT_EQ(asked.outcome.account.retries, 0u);
  EXPECT_EQ(client.world().origins.size(), 3u);
}

TEST(Forward, what_an_origin_sends_unasked_is_never_taken_for_an_answer) {
  Client client(two_endpoints());
  client.get();
  client.get();
  for (session::Link& origin : client.world().origins) origin.to_gateway += "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.get().reply.body, "ok");
}

}  // namespace
}  // namespace gatehouse::proxy
