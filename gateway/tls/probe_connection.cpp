#include "gateway/tls/probe_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <cstring>
#include <optional>
#include <string>

// The one place that compiles Asio's TLS (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>

namespace gatehouse::tls {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using TlsLayer = asio::ssl::stream<beast::tcp_stream&>;

using runtime::control_token;
using runtime::ControlTask;

/// Asks no questions of the other side: a health check wants to know that it answers, not who it is.
asio::ssl::context& unverified() {
  static asio::ssl::context context = [] {
    asio::ssl::context made(asio::ssl::context::tls_client);
    made.set_verify_mode(asio::ssl::verify_none);
    return made;
  }();
  return context;
}

asio::ip::tcp::endpoint endpoint_of(const net::Address& address) {
  asio::ip::tcp::endpoint endpoint;
  const net::SocketAddress from(address);
  std::memcpy(endpoint.data(), from.data(), from.size());
  endpoint.resize(from.size());
  return endpoint;
}

}  // namespace

struct ProbeConnection::Layers {
  explicit Layers(asio::io_context& io) : tcp(io) {}
  beast::tcp_stream tcp;
  std::optional<TlsLayer> tls;
};

ProbeConnection::ProbeConnection(asio::io_context& io, Security security) : layers_(std::make_unique<Layers>(io)) {
  if (security == Security::tls) layers_->tls.emplace(layers_->tcp, unverified());
}

ProbeConnection::~ProbeConnection() = default;

ControlTask<error_code> ProbeConnection::open(net::Address address, std::string_view server_name,
                                              std::chrono::steady_clock::time_point deadline) {
  if (!address.is_ip()) co_return error_code(asio::error::address_family_not_supported);
  layers_->tcp.expires_at(deadline);
  const asio::ip::tcp::endpoint endpoint = endpoint_of(address);
  const auto [refused] = co_await layers_->tcp.async_connect(endpoint, control_token);
  if (refused || !layers_->tls) co_return refused;
  if (!server_name.empty()) {
    const std::string name(server_name);
    SSL_set_tlsext_host_name(layers_->tls->native_handle(), name.c_str());
  }
  const auto [failed] = co_await layers_->tls->async_handshake(asio::ssl::stream_base::client, control_token);
  co_return failed;
}

ControlTask<error_code> ProbeConnection::write(std::string_view bytes) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  if (layers_->tls) {
    const auto [error, n] = co_await asio::async_write(*layers_->tls, buffer, control_token);
    co_return error;
  }
  const auto [error, n] = co_await asio::async_write(layers_->tcp, buffer, control_token);
  co_return error;
}

ControlTask<ProbeConnection::Moved> ProbeConnection::read_some(std::span<char> space) {
  const asio::mutable_buffer buffer(space.data(), space.size());
  Moved moved;
  if (layers_->tls) {
    std::tie(moved.error, moved.bytes) = co_await layers_->tls->async_read_some(buffer, control_token);
  } else {
    std::tie(moved.error, moved.bytes) = co_await layers_->tcp.async_read_some(buffer, control_token);
  }
  co_return moved;
}

void ProbeConnection::close() noexcept { layers_->tcp.close(); }

bool is_timeout(const error_code& error) noexcept { return error == beast::error::timeout; }

}  // namespace gatehouse::tls
