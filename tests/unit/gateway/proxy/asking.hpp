// A client that asks the whole data plane in memory: one connection, any number of requests, each answered by an origin
// that says 200 and its own number. For what is decided on the way: rules, shares, fields, replies.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/session/messages.hpp"
#include "tests/session/world.hpp"

namespace gatehouse::proxy {

using session::Message;

/// What became of one request.
struct Asked {
  Message reply;
  Message sent;  // what an origin got; no head when none got anything
  session::Outcome outcome;
};

class Client {
 public:
  explicit Client(session::Setup& setup) : world_(setup), link_(world_.connect()) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    world_.shut_all();
    EXPECT_TRUE(world_.run([] { return false; }));
  }

  /// What origins say from now on, in place of 200.
  void origins_say(std::string answer) { answer_ = std::move(answer); }
  session::World& world() noexcept { return world_; }

  Asked ask(const std::string& request) {
    const std::size_t before = link_.from_gateway.size();
    sent_.clear();
    link_.to_gateway += request;
    world_.settle([this] { return answer(); });
    Asked asked;
    const std::string method = request.substr(0, request.find(' '));
    const session::Messages replies = session::read_responses(std::string_view(link_.from_gateway).substr(before), {method});
    EXPECT_EQ(replies.malformed, "");
    if (!replies.all.empty()) asked.reply = replies.all.back();
    if (!sent_.empty()) asked.sent = sent_.back();
    if (!world_.outcomes().empty()) asked.outcome = world_.outcomes().back();
    return asked;
  }

  Asked get(const std::string& target = "/", const std::string& fields = "", const std::string& host = "shop.example.com") {
    return ask("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
  }

 private:
  bool answer() {
    bool news = false;
    seen_.resize(world_.origins.size());
    for (std::size_t i = 0; i < world_.origins.size(); ++i) {
      session::Link& link = world_.origins[i];
      const session::Messages requests = session::read_requests(std::string_view(link.from_gateway).substr(seen_[i]));
      if (requests.all.empty() || !requests.all.back().whole) continue;
      sent_.push_back(requests.all.back());
      seen_[i] = link.from_gateway.size();
      link.to_gateway += answer_;
      news = true;
    }
    return news;
  }

  session::World world_;
  session::Link& link_;
  std::string answer_{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  std::vector<std::size_t> seen_;
  std::vector<Message> sent_;
};

/// One listener `http` on port 80 with these keys, and what else the configuration has.
inline std::string configuration(const std::string& listener, const std::string& groups = "", const std::string& more = "") {
  const std::string group = "  - name: web\n    health_check: { enabled: false }\n    endpoints: [ { address: \"127.0.0.1:9001\" } ]\n";
  return "logs: { access: { path: \"off\" } }\n" + more + "listeners:\n  - name: http\n    address: \"127.0.0.1:80\"\n" + listener +
         "target_groups:\n" + (groups.empty() ? group : groups);
}
inline const std::string to_web = "    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n";

}  // namespace gatehouse::proxy
