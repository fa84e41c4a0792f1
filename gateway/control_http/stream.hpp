// Stream: a connection of the control plane over TCP or a socket file, with a time limit on whatever it waits for.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <string_view>

#include "gateway/runtime/control_task.hpp"

namespace gatehouse::control_http {

using Executor = boost::asio::io_context::executor_type;
using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol, Executor>;

/// Writes all of it; `bytes` outlive the wait.
runtime::ControlTask<boost::system::error_code> write_all(Stream& stream, std::string_view bytes);

}  // namespace gatehouse::control_http
