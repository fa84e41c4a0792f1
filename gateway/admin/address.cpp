#include "gateway/admin/address.hpp"

#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>

namespace gatehouse::admin {
namespace {

namespace asio = boost::asio;

Result<AdminAddress, std::string> parse_unix(std::string_view path) {
  // One byte is for the final zero.
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Failure{std::string("the path of a unix socket must have 1 to 107 bytes")};
  }
  AdminAddress out;
  out.endpoint = asio::local::stream_protocol::endpoint(std::string(path));
  out.host = "localhost";
  out.unix_path = path;
  return out;
}

}  // namespace

Result<AdminAddress, std::string> parse_address(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) return parse_unix(text.substr(unix_prefix.size()));

  const std::string wrong =
      "\"" + std::string(text) + "\" is no admin address; write 127.0.0.1:9900, [::1]:9900 or unix:/path";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Failure{wrong};
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, bad_port] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (bad_port != std::errc() || end != digits.data() + digits.size()) return Failure{wrong};
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(std::string(host), error);
  if (error || ip.is_v6() != bracketed) return Failure{wrong};
  AdminAddress out;
  out.endpoint = asio::ip::tcp::endpoint(ip, port);
  out.host = text;
  return out;
}

}  // namespace gatehouse::admin
