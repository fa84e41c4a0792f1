#include "gateway/control_http/stream.hpp"

#include <boost/asio/write.hpp>

namespace gatehouse::control_http {

runtime::ControlTask<boost::system::error_code> write_all(Stream& stream, std::string_view bytes) {
  const auto [error, size] =
      co_await boost::asio::async_write(stream, boost::asio::const_buffer(bytes.data(), bytes.size()), runtime::control_token);
  co_return error;
}

}  // namespace gatehouse::control_http
