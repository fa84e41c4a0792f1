// read_message(): reads one HTTP message of either kind from a connection, with Beast's parser but without its composed
// reads, whose templates cost ten seconds of compiling in each file that has them. For the control plane's server and
// client.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "gateway/control_http/stream.hpp"

namespace gatehouse::control_http {

enum class Until : std::uint8_t { head, end };

/// Reads on until the head or the whole message is there; what follows it stays in `buffer`. The end of the connection
/// before the first byte is http::error::end_of_stream.
template <bool is_request>
runtime::ControlTask<boost::system::error_code> read_message(Stream& stream, boost::beast::flat_buffer& buffer,
                                                             boost::beast::http::basic_parser<is_request>& parser, Until until) {
  namespace http = boost::beast::http;
  constexpr std::size_t read_size = 16 * 1024;
  boost::system::error_code error;
  parser.eager(until == Until::end);
  while (until == Until::end ? !parser.is_done() : !parser.is_header_done()) {
    const std::size_t used = buffer.size() == 0 ? 0 : parser.put(buffer.data(), error);
    buffer.consume(used);
    if (error && error != http::error::need_more) co_return error;
    if (used != 0 && !error) continue;
    const auto [failed, n] = co_await stream.async_read_some(buffer.prepare(read_size), runtime::control_token);
    if (failed == boost::asio::error::eof) {
      // RFC 9112 6.3: the end of the connection may be the end of a response; of anything else it is too early.
      error = parser.got_some() ? boost::system::error_code() : http::make_error_code(http::error::end_of_stream);
      if (!error) parser.put_eof(error);
      co_return error;
    }
    if (failed) co_return failed;
    buffer.commit(n);
  }
  co_return boost::system::error_code();
}

}  // namespace gatehouse::control_http
