#include "gateway/upstream/probe.hpp"

#include <fmt/format.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>

namespace gatehouse::upstream {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::response_parser<http::empty_body>;

constexpr std::size_t head_max = 32 * 1024;  // as for traffic: limits.response_headers
constexpr std::size_t read_size = 4 * 1024;
constexpr unsigned interim_max = 8;

Finding failure(const error_code& error) noexcept {
  return Finding(Probe::failed, tls::is_timeout(error) ? HealthReason::timeout : HealthReason::failed_health_checks);
}

/// A response head read piece by piece; interim ones (RFC 9110 15.2) are skipped.
class HeadReader {
 public:
  HeadReader() { begin(); }

  std::span<char> space() {
    const auto room = buffer_.prepare(read_size);
    return {static_cast<char*>(room.data()), room.size()};
  }

  /// Takes in what was read. True when it is decided: status() then, 0 if this is no HTTP.
  bool take(std::size_t bytes) {
    buffer_.commit(bytes);
    while (true) {
      error_code error;
      buffer_.consume(parser_->put(buffer_.data(), error));
      if (error == http::error::need_more) return buffer_.size() > head_max;
      if (error) return true;
      if (!parser_->is_header_done()) return false;
      const unsigned status = parser_->get().result_int();
      if (status < 200 && ++interims_ <= interim_max) {
        begin();
        if (buffer_.size() == 0) return false;
        continue;
      }
      status_ = static_cast<std::uint16_t>(status < 200 ? 0 : status);
      return true;
    }
  }

  std::uint16_t status() const noexcept { return status_; }

 private:
  void begin() {
    parser_.emplace();
    parser_->header_limit(head_max);
    parser_->skip(true);
  }

  beast::flat_buffer buffer_{head_max + read_size};
  std::optional<Parser> parser_;
  unsigned interims_{0};
  std::uint16_t status_{0};
};

runtime::ControlTask<Finding> read_verdict(const ProbePlan& plan, tls::ProbeConnection& connection) {
  HeadReader reader;
  while (true) {
    const std::span<char> space = reader.space();
    const tls::ProbeConnection::Moved moved = co_await connection.read_some(space);
    if (moved.error) co_return failure(moved.error);
    if (reader.take(moved.bytes)) break;
  }
  const std::uint16_t status = reader.status();
  if (status == 0) co_return Finding(Probe::failed, HealthReason::failed_health_checks);
  if (!plan.matcher.matches(status)) co_return Finding(Probe::failed, HealthReason::response_code_mismatch, status);
  co_return Finding(Probe::passed, HealthReason::none, status);
}

}  // namespace

ProbePlan make_plan(const config::HealthCheck& check, const std::string& host, std::uint16_t port,
                    const std::string& user_agent) {
  ProbePlan plan;
  plan.check = check;
  plan.matcher = Matcher::parse(check.matcher).value_or(Matcher());
  if (!net::Address::parse(host)) plan.server_name = host;
  if (check.protocol == config::HealthProtocol::tcp) return plan;
  const bool bare_v6 = host.find(':') != std::string::npos;
  std::string authority = bare_v6 ? "[" + host + "]" : host;
  const std::uint16_t own_port = check.protocol == config::HealthProtocol::https ? 443 : 80;
  if (port != own_port) authority += fmt::format(":{}", port);
  plan.request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                  check.path, authority, user_agent);
  return plan;
}

runtime::ControlTask<Finding> probe(const ProbePlan& plan, tls::ProbeConnection& connection, net::Address address) {
  const auto deadline = std::chrono::steady_clock::now() + plan.check.timeout;
  const error_code unopened = co_await connection.open(address, plan.server_name, deadline);
  if (unopened) co_return failure(unopened);
  if (plan.check.protocol == config::HealthProtocol::tcp) co_return Finding(Probe::passed, HealthReason::none);
  const error_code unsent = co_await connection.write(plan.request);
  // An origin may answer and close before it has read the request: its answer counts.
  if (unsent && tls::is_timeout(unsent)) co_return failure(unsent);
  co_return co_await read_verdict(plan, connection);
}

}  // namespace gatehouse::upstream
