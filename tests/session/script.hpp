// A Script: what a client sends and when, what the origins answer, and what the client must get when nothing goes
// wrong. Play carries one out in a World; what it cannot know (how the gateway reacts to a struck operation) it does not
// assume: a far end goes on as long as it is let. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/session/messages.hpp"
#include "tests/session/world.hpp"

namespace gatehouse::session {

/// The client sends the bytes once it has so many final replies, and an interim one if it waits for that.
struct Step {
  std::string send;
  unsigned after_replies{0};
  bool after_interim{false};
};

/// What an origin says to a request.
struct Answer {
  std::string bytes;
  bool after_head{false};  // does not wait for the request's content
  bool close{false};       // ends the connection behind it
};

/// A reply that the client must get.
struct Wanted {
  std::string method;
  int status{200};
  std::string body;
  std::string trailer;  // "name: value", or empty
};

struct Script {
  std::string name;
  std::vector<Step> client;
  std::map<std::string, Answer> origin;  // by target
  std::vector<Wanted> replies;
  std::size_t client_pace{0};  // bytes that the client reads at a time; 0: as they come
  std::size_t origin_pace{0};
  bool large{false};           // too much for one byte at a time
  bool client_owes{false};     // the client never sends all the content that it announced
  bool ends_by_gateway{false};  // the gateway closes the connection after the last reply
};

/// Exchanges of every kind that HTTP/1 has.
const std::vector<Script>& scripts();

class Play {
 public:
  Play(World& world, const Script& script) : world_(world), script_(script), client_(world.connect()) {}

  /// Whether everything ended.
  bool run() { return world_.run([this] { return turn(); }); }
  /// What the client got.
  Messages replies() const { return read_responses(client_.from_gateway, methods()); }
  Link& client() noexcept { return client_; }
  /// What reached the origins, one entry a connection.
  std::vector<Messages> requests() const;

 private:
  bool turn();
  bool client_turn();
  bool origin_turn(std::size_t connection);
  std::vector<std::string> methods() const;

  World& world_;
  const Script& script_;
  Link& client_;
  std::size_t steps_done_{0};
  std::size_t seen_{0};       // bytes from the gateway when the client looked last
  std::size_t finals_{0};
  std::size_t interims_{0};
  std::vector<std::size_t> answered_;       // by origin connection
  std::vector<std::size_t> origin_seen_;
};

}  // namespace gatehouse::session
