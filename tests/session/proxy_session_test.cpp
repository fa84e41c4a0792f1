// Every exchange of the table through the whole data plane, with every operation of either side struck in turn. Whatever
// happens, the exchange ends, everything lent is given back, each peer gets a well-formed whole or a message that it can
// see is cut, and the fault says whose doing it was.
#include <gtest/gtest.h>

#include <set>

#include "tests/session/script.hpp"

namespace gatehouse::session {
namespace {

using exchange::Errc;
using exchange::Side;

Setup& setup() {
  static Setup made(R"(
version: 1
logs: { access: { path: "off" } }
limits: { request_head_timeout: 2s, keep_alive_timeout: 2s, idle_timeout: 2s, first_byte_timeout: 2s, connect_timeout: 2s }
listeners:
  - name: http
    address: "127.0.0.1:80"
    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]
target_groups:
  - name: web
    health_check: { enabled: false }
    outlier_detection: { enabled: false }
    endpoints: [ { address: "127.0.0.1:9001" }, { address: "127.0.0.1:9002" } ]
)");
  return made;
}

/// Whether the peers can still get all that they want: the struck operation is only late, or less than it could be.
bool harmless(const Faults& plan) { return plan.strike == Strike::none || plan.strike == Strike::piece || plan.strike == Strike::blocked; }

bool idempotent(const std::string& method) { return method != "POST"; }

/// What may be the reason of an exchange whose peer was struck so.
std::set<Errc> reasons(const Faults& plan) {
  const bool client = plan.side == Side::client;
  switch (plan.strike) {
    case Strike::reset: return client ? std::set{Errc::client_reset} : std::set{Errc::origin_reset};
    case Strike::end:
      return client ? std::set{Errc::client_closed, Errc::client_reset} : std::set{Errc::origin_closed, Errc::origin_body_short, Errc::origin_reset};
    case Strike::stall:
      return client ? std::set{Errc::client_idle, Errc::head_timeout} : std::set{Errc::origin_timeout, Errc::origin_idle};
    case Strike::shut:
      return {Errc::client_closed, Errc::client_reset, Errc::origin_closed, Errc::origin_reset, Errc::origin_body_short};
    default: return {};
  }
}

/// One run of a script under a plan, and what is wrong with it.
class Attempt {
 public:
  Attempt(const Script& script, const Faults& plan) : script_(script), world_(setup(), plan), play_(world_, script) {
    if (!play_.run()) problem("it does not end");
    replies_ = play_.replies();
    if (problems_.empty()) {
      check_counters();
      check_client();
      check_origins();
      check_reasons();
    }
  }

  const std::string& problems() const { return problems_; }
  bool struck() const { return world_.faults.struck; }
  World& world() { return world_; }

 private:
  void problem(const std::string& what) { problems_ += "  " + what + "\n"; }

  void check_counters() {
    if (world_.worker().buffers().lent() != 0) problem("buffers are not given back: " + std::to_string(world_.worker().buffers().lent()));
    if (world_.server().sessions() != 0) problem("a session is left");
    if (world_.worker().escaped_exceptions() != 0) problem("an exception escaped");
    for (const auto& group : setup().snapshot()->groups) {
      for (const upstream::EndpointState* endpoint : group->group.endpoints()) {
        if (endpoint->active_requests() != 0) problem("a request is still counted at " + endpoint->address_text());
        if (endpoint->open_connections() != world_.proxy().connections().idle() && endpoint->open_connections() > world_.origins.size()) {
          problem("connections are miscounted");
        }
      }
    }
  }

  void check_client() {
    if (!replies_.malformed.empty()) problem("the client got no HTTP: " + replies_.malformed);
    std::size_t at = 0;
    for (const Message& reply : replies_.all) {
      if (!reply.whole && !reply.until_close) {
        if (!play_.client().gateway_ended) problem("a cut reply on a connection that stays open");
        return;
      }
      if (reply.status() < 200) continue;
      if (at == script_.replies.size()) return problem("more replies than requests");
      check_reply(reply, script_.replies[at], at);
      ++at;
    }
    if (harmless(world_.faults) && at != script_.replies.size()) problem("replies: " + std::to_string(at));
  }

  void check_reply(const Message& reply, const Wanted& wanted, std::size_t at) {
    const std::string name = "reply " + std::to_string(at + 1);
    if (reply.status() != wanted.status) {
      const bool made_here = reply.body.starts_with("<!doctype html>") || wanted.method == "HEAD";
      if (harmless(world_.faults) || !made_here || reply.status() < 400) problem(name + " is " + reply.line);
      return;
    }
    const bool page = wanted.body == "<";
    if (page ? !reply.body.starts_with("<!doctype html>") : reply.body != wanted.body) {
      // Content that only the end delimits: the client is told by a reset, and an origin's own end cannot be doubted.
      const bool told = reply.until_close && play_.client().was_reset;
      const bool undelimited = script_.name == "until the origin closes" && wanted.body.starts_with(reply.body);
      if (!told && !undelimited) problem(name + " has other content, " + std::to_string(reply.body.size()) + " bytes");
    }
    const std::string trailer = reply.trailers.empty() ? "" : reply.trailers[0].first + ": " + reply.trailers[0].second;
    if (trailer != wanted.trailer) problem(name + " has the trailers '" + trailer + "'");
  }

  void check_origins() {
    std::size_t unsafe = 0;
    std::size_t connection = 0;
    for (const Messages& requests : play_.requests()) {
      if (!requests.malformed.empty()) problem("an origin got no HTTP: " + requests.malformed);
      const bool cut = !requests.all.empty() && !requests.all.back().whole;
      if (cut && !world_.origins[connection].gateway_ended) problem("a cut request on a connection that stays open");
      for (const Message& request : requests.all) unsafe += request.head_whole && !idempotent(request.method());
      ++connection;
    }
    std::size_t posts = 0;
    for (const Wanted& wanted : script_.replies) posts += !idempotent(wanted.method);
    if (unsafe > posts) problem("a POST was sent twice");
  }

  void check_reasons() {
    std::set<Errc> allowed = reasons(world_.faults);
    allowed.insert(Errc::none);
    if (script_.client_owes) allowed.insert(Errc::client_idle);
    if (script_.name == "refused by the parser") allowed.insert(Errc::duplicate_host);
    if (script_.name == "upgrade that nobody asked for") allowed.insert(Errc::origin_upgrade_mismatch);
    for (const Outcome& outcome : world_.outcomes()) {
      const Errc reason = outcome.account.reason;
      const std::string name(exchange::fault_name(reason));
      if (!allowed.contains(reason)) problem("the reason is " + name);
      if (reason == Errc::none && !outcome.complete && world_.faults.side == Side::origin) problem("a cut reply without a reason");
      if (reason != Errc::none && outcome.account.reason_side != exchange::fault_of(reason).side) problem("the wrong side is blamed for " + name);
    }
  }

  const Script& script_;
  World world_;
  Play play_;
  Messages replies_;
  std::string problems_;
};

/// All operations of one side struck in turn, one a run. Returns how many runs there were.
unsigned strike_each(const Script& script, Side side, Strike strike, bool every) {
  constexpr unsigned operations_max = 3000;
  for (unsigned at = 1; at < operations_max; ++at) {
    Faults plan;
    plan.side = side;
    plan.strike = strike;
    plan.at = at;
    plan.every = every;
    Attempt run(script, plan);
    EXPECT_EQ(run.problems(), "") << script.name << ": " << strike_name(strike) << " at operation " << at << " with the "
                                  << (side == Side::client ? "client" : "origin") << (every ? " and all later ones" : "");
    if (!run.struck() || (every && at == 1)) return at;
    if (::testing::Test::HasFailure() && at > 50) return at;
  }
  return operations_max;
}

class EveryExchange : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Script& script() const { return scripts()[GetParam()]; }
};

TEST_P(EveryExchange, is_carried_out_when_nothing_goes_wrong) {
  Attempt run(script(), Faults());
  EXPECT_EQ(run.problems(), "") << script().name;
  EXPECT_EQ(run.world().outcomes().size(), script().replies.size());
}

TEST_P(EveryExchange, is_carried_out_when_an_operation_moves_one_byte_or_none) {
  for (const Side side : {Side::client, Side::origin}) {
    EXPECT_GT(strike_each(script(), side, Strike::piece, false), side == Side::client ? 1u : 0u);
    strike_each(script(), side, Strike::blocked, false);
    if (!script().large) strike_each(script(), side, Strike::piece, true);
  }
}

TEST_P(EveryExchange, ends_cleanly_when_a_connection_is_reset) {
  for (const Side side : {Side::client, Side::origin}) strike_each(script(), side, Strike::reset, false);
}

TEST_P(EveryExchange, ends_cleanly_when_a_peer_closes) {
  for (const Side side : {Side::client, Side::origin}) strike_each(script(), side, Strike::end, false);
}

TEST_P(EveryExchange, ends_cleanly_when_a_peer_falls_silent) {
  for (const Side side : {Side::client, Side::origin}) strike_each(script(), side, Strike::stall, false);
}

TEST_P(EveryExchange, ends_cleanly_when_the_process_shuts_all_connections) {
  for (const Side side : {Side::client, Side::origin}) strike_each(script(), side, Strike::shut, false);
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& info) {
  std::string name = scripts()[info.param].name;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryExchange, ::testing::Range<std::size_t>(0, scripts().size()), name_of);

}  // namespace
}  // namespace gatehouse::session
