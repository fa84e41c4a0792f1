// A strict reader of what the gateway wrote, written apart from the gateway's own parsers: a run of HTTP/1 messages,
// each whole or cut, and whether the far end can tell a cut one from a whole one. One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::session {

struct Message {
  std::string line;  // the request line or the status line
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  std::string body;
  std::vector<std::pair<std::string, std::string>> trailers;
  bool head_whole{false};
  bool whole{false};        // ended by its own framing
  bool until_close{false};  // only the connection's end ends it

  int status() const;
  std::string method() const { return line.substr(0, line.find(' ')); }
  /// "/path" of a request line.
  std::string target() const;
  /// The value of the field, or "".
  std::string field(std::string_view name) const;
};

struct Messages {
  std::vector<Message> all;    // interim responses too; the last may be cut
  std::string malformed;       // why it is no HTTP at all; empty when it is
  std::size_t whole() const;   // how many whole final messages (or requests) there are
};

/// Requests that reached an origin.
Messages read_requests(std::string_view bytes);
/// Responses that reached a client, given the methods of its requests in order.
Messages read_responses(std::string_view bytes, const std::vector<std::string>& methods);

}  // namespace gatehouse::session
