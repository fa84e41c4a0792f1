// One connection to the admin API: reads requests one after the other, has each answered, writes the answers. Within
// limits on head, content and time; whatever goes beyond gets a problem document where one can still be written, and
// the connection ends. Control thread.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <chrono>
#include <cstdint>

#include "gateway/admin/control.hpp"
#include "gateway/admin/local_only.hpp"
#include "gateway/runtime/control_task.hpp"

namespace gatehouse::admin {

using Executor = boost::asio::io_context::executor_type;
using SessionStream = boost::beast::basic_stream<boost::asio::generic::stream_protocol, Executor>;

struct SessionLimits {
  std::uint32_t head_max{0};
  std::uint32_t body_max{0};
  std::chrono::milliseconds request_time{0};
  std::chrono::milliseconds answer_time{0};
};

/// One connection, as the server keeps it.
struct SessionSlot {
  explicit SessionSlot(SessionStream stream) : stream(std::move(stream)) {}
  SessionStream stream;
  bool answering{false};  // a request was read and its answer is not written yet
};

/// What all sessions of a server share. Without `control` the server has stopped and sessions end.
struct SessionShared {
  Control* control{nullptr};
  HostRules rules;
  SessionLimits limits;
};

/// Serves until the client leaves, an error, or the server's end. Both references outlive the task.
runtime::ControlTask<> run_session(SessionSlot& slot, const SessionShared& shared);

}  // namespace gatehouse::admin
