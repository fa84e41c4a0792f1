// Requests and responses of the control plane's HTTP server, as values; and Responder, which says what they mean: the
// admin API, the demo's origins and `waf serve` each have one. Free of sockets and of Beast.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::control_http {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string target;   // as received
  unsigned version{11};  // 10 or 11
  Fields fields;        // in their order
  std::string body;
  std::string peer;     // the client's IP address; empty on a socket file

  /// The first field of that name, or null. Names have no case (RFC 9110 5.1).
  const std::string* find(std::string_view name) const noexcept;
  std::size_t count(std::string_view name) const noexcept;
};

/// The server adds Connection and Content-Length, and leaves the content out when the method is HEAD.
struct Response {
  unsigned status{200};
  Fields fields;
  std::string body;
};

using Respond = std::function<void(Response)>;

/// Answers a server's requests. It outlives the server; all calls come on the thread of the server's io_context.
class Responder {
 public:
  virtual ~Responder() = default;

  /// Looks at a head before its content is read. A response here is the answer, and the connection's end.
  virtual std::optional<Response> screen(const Request& head) {
    static_cast<void>(head);
    return std::nullopt;
  }
  /// Calls `done` once, now or later.
  virtual void respond(Request request, Respond done) = 0;
  /// What is told of a request that cannot be read: 400, 413 or 431. Without a response the connection just ends.
  virtual std::optional<Response> refuse(unsigned status, const std::string& why) {
    static_cast<void>(status), static_cast<void>(why);
    return std::nullopt;
  }
};

}  // namespace gatehouse::control_http
