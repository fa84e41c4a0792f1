// ProbeConnection: a short-lived client connection for one health check, plain or TLS, with one deadline for all of it.
// Not for traffic: the certificate is not validated, as with ALB's health checks. Errors are values. On the control
// thread's io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string_view>

#include "gateway/net/address.hpp"
#include "gateway/runtime/control_task.hpp"

namespace gatehouse::tls {

class ProbeConnection {
 public:
  enum class Security : std::uint8_t { plain, tls };
  /// Bytes moved, and why not more.
  struct Moved {
    boost::system::error_code error;
    std::size_t bytes{0};
  };

  ProbeConnection(boost::asio::io_context& io, Security security);
  ~ProbeConnection();
  ProbeConnection(const ProbeConnection&) = delete;
  ProbeConnection& operator=(const ProbeConnection&) = delete;

  /// Connects, and shakes hands when it is TLS, naming `server_name` (empty: none). From here on everything fails with
  /// beast::error::timeout once `deadline` has passed.
  runtime::ControlTask<boost::system::error_code> open(net::Address address, std::string_view server_name,
                                                       std::chrono::steady_clock::time_point deadline);
  runtime::ControlTask<boost::system::error_code> write(std::string_view bytes);
  runtime::ControlTask<Moved> read_some(std::span<char> space);
  /// Ends it at once; what waits fails.
  void close() noexcept;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

/// Whether the error says that the deadline has passed.
bool is_timeout(const boost::system::error_code& error) noexcept;

}  // namespace gatehouse::tls
