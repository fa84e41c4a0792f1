// One connection to a Server: reads requests one after the other, has each answered, writes the answers. Within limits
// on head, content and time; whatever goes beyond is refused where a refusal can still be written, and the connection
// ends.
#pragma once

#include <utility>

#include "gateway/control_http/server.hpp"
#include "gateway/control_http/stream.hpp"

namespace gatehouse::control_http {

/// One connection, as the server keeps it.
struct SessionSlot {
  SessionSlot(Stream stream, std::string peer) : stream(std::move(stream)), peer(std::move(peer)) {}
  Stream stream;
  std::string peer;       // its IP address
  bool answering{false};  // a request was read and its answer is not written yet
};

/// What all sessions of a server share. Without a responder the server has stopped and sessions end.
struct SessionShared {
  Responder* responder{nullptr};
  Limits limits;
};

/// Serves until the client leaves, an error, or the server's end. Both references outlive the task.
runtime::ControlTask<> run_session(SessionSlot& slot, const SessionShared& shared);

}  // namespace gatehouse::control_http
