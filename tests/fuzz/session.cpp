// A whole client connection: arbitrary bytes from the client and from the origins, cut into arbitrary pieces, through the
// real session and proxy code in memory and made-up time. Whatever comes, everything ends, everything lent comes back,
// what origins get is well-formed HTTP, and what the client gets is that too. The input is a run of records: a control
// byte (whose bytes, what happens behind them, how many bytes are read on) and a length byte with so many bytes.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/session/messages.hpp"
#include "tests/session/world.hpp"

using namespace gatehouse;
using namespace gatehouse::session;

namespace {

struct Record {
  enum class Then : std::uint8_t { wait, go_on, end, shut };
  bool from_origin{false};
  Then then{Then::wait};
  std::size_t room{0};
  std::string bytes;
};

std::vector<Record> read_records(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t repeated = 40'000;  // for what is larger than a buffer
  std::vector<Record> records;
  for (std::size_t at = 0; at + 2 <= size;) {
    Record record;
    const std::uint8_t control = data[at];
    record.from_origin = (control & 1) != 0;
    record.then = static_cast<Record::Then>((control >> 1) & 3);
    record.room = (control & 8) != 0 ? 64 : 1u << 20;
    const std::size_t length = std::min<std::size_t>(data[at + 1], size - at - 2);
    record.bytes.assign(reinterpret_cast<const char*>(data) + at + 2, length);
    if ((control & 16) != 0 && !record.bytes.empty()) record.bytes.insert(0, repeated, record.bytes.front());
    records.push_back(std::move(record));
    at += 2 + length;
  }
  return records;
}

Setup& setup() {
  static Setup made(R"(
version: 1
logs: { access: { path: stdout } }
limits: { request_headers: 40KiB, request_body: 100KiB, request_head_timeout: 2s, keep_alive_timeout: 2s, idle_timeout: 2s,
          first_byte_timeout: 2s, connect_timeout: 2s, requests_per_connection: 5 }
listeners:
  - name: http
    address: "127.0.0.1:80"
    forwarded_headers: { trusted_proxies: ["192.0.2.0/24"] }
    rules:
      - priority: 1
        conditions: [ { path_pattern: ["/r*"] } ]
        actions: [ { redirect: { host: "h.#{host}", query: "#{query}&a" } } ]
      - priority: 2
        conditions: [ { host_header: ["f?x*"] } ]
        actions: [ { fixed_response: { status_code: 200, message_body: "fixed" } } ]
    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]
target_groups:
  - name: web
    health_check: { enabled: false }
    outlier_detection: { enabled: false }
    endpoints: [ { address: "127.0.0.1:9001" }, { address: "127.0.0.1:9002" } ]
)");
  return made;
}

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// Plays the records in their order, each when nothing else moves.
class Peers {
 public:
  Peers(World& world, Link& client, std::vector<Record> records) : world_(world), client_(client), records_(std::move(records)) {}

  bool turn() {
    bool news = false;
    while (next_ < records_.size()) {
      const Record& record = records_[next_];
      if (record.from_origin && world_.origins.empty()) {
        ++next_;
        continue;
      }
      Link& link = record.from_origin ? world_.origins.back() : client_;
      ++next_;
      news = true;
      play(record, link);
      if (record.then != Record::Then::go_on) break;
    }
    if (next_ == records_.size() && !over_) over_ = news = true, end_all();
    return news;
  }

 private:
  void play(const Record& record, Link& link) {
    link.room = record.room;
    if (!link.peer_ended) link.to_gateway += record.bytes;
    if (record.then == Record::Then::end) link.peer_ended = true;
    if (record.then == Record::Then::shut) link.shut();
  }
  /// What is to come has come: everybody reads on, and the client sends no more.
  void end_all() {
    client_.room = 1u << 24;
    client_.peer_ended = true;
    for (Link& link : world_.origins) link.room = 1u << 24;
  }

  World& world_;
  Link& client_;
  std::vector<Record> records_;
  std::size_t next_{0};
  bool over_{false};
};

/// The methods of the requests that the client sees answered are not known here, so a HEAD's reply may look cut.
void check_reply(const Link& client) {
  const Messages got = read_responses(client.from_gateway, {});
  const bool head = client.to_gateway.find("HEAD") != std::string::npos;
  check(head || got.malformed.empty(), "the client got no HTTP");
}

/// A line for each exchange, whatever is in it: nothing from outside may begin another or leave its text.
void check_log(const std::string& log, std::size_t exchanges) {
  std::size_t lines = 0;
  for (const char c : log) {
    lines += c == '\n';
    check(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "a control character in the access log");
  }
  check(lines == exchanges, "not a line for each exchange in the access log");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world(setup());
  Link& client = world.connect();
  Peers peers(world, client, read_records(data, size));
  check(world.run([&] { return peers.turn(); }), "it does not end");
  check(world.worker().buffers().lent() == 0, "buffers are not given back");
  check(world.server().sessions() == 0, "a session is left");
  check(world.worker().escaped_exceptions() == 0, "an exception escaped");
  check_reply(client);
  check_log(world.take_log(), world.outcomes().size());
  for (const Link& origin : world.origins) check(read_requests(origin.from_gateway).malformed.empty(), "an origin got no HTTP");
  return 0;
}
