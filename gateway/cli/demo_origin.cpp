#include "gateway/cli/demo_origin.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>

namespace gatehouse::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr auto token = asio::as_tuple(asio::deferred);
constexpr std::chrono::seconds idle_limit{75};
constexpr std::uint64_t body_max = 8 * 1024 * 1024;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

/// A connection's coroutine is over. What it may have thrown concerned that connection alone.
void ended(const std::exception_ptr&) {}

std::string json_text(beast::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

struct DemoOrigin::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, DemoOriginOptions options) : options(std::move(options)), acceptor(io) {}

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(beast::tcp_stream stream);
  Response answer(const Request& request);
  std::string describe(const Request& request) const;

  DemoOriginOptions options;
  tcp::acceptor acceptor;
  std::uint64_t requests{0};
  bool failing{false};
};

DemoOrigin::DemoOrigin(asio::io_context& io, DemoOriginOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {
  const tcp::endpoint where(asio::ip::make_address(state_->options.address), state_->options.port);
  state_->acceptor.open(where.protocol());
  state_->acceptor.set_option(tcp::acceptor::reuse_address(true));
  state_->acceptor.bind(where);
  state_->acceptor.listen();
  asio::co_spawn(io, [state = state_] { return state->accept(); }, &ended);
}

DemoOrigin::~DemoOrigin() {
  if (state_ == nullptr) return;
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

DemoOrigin::DemoOrigin(DemoOrigin&&) noexcept = default;

std::uint16_t DemoOrigin::port() const { return state_->acceptor.local_endpoint().port(); }

asio::awaitable<void> DemoOrigin::State::accept() {
  const auto self = shared_from_this();
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(token);
    if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (error) continue;
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    beast::tcp_stream stream(std::move(socket));
    asio::co_spawn(acceptor.get_executor(), [self, stream = std::move(stream)]() mutable { return self->serve(std::move(stream)); },
                   &ended);
  }
}

asio::awaitable<void> DemoOrigin::State::serve(beast::tcp_stream stream) {
  const auto self = shared_from_this();
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_max);
    stream.expires_after(idle_limit);
    auto [read_error, read] = co_await http::async_read(stream, buffer, parser, token);
    if (read_error) co_return;
    const Response response = answer(parser.get());
    auto [write_error, written] = co_await http::async_write(stream, response, token);
    if (write_error || response.need_eof()) co_return;
  }
}

Response DemoOrigin::State::answer(const Request& request) {
  ++requests;
  if (request.method() == http::verb::post && request.target() == "/demo/fail") failing = true;
  if (request.method() == http::verb::post && request.target() == "/demo/heal") failing = false;
  const bool control = request.target() == "/demo/fail" || request.target() == "/demo/heal";
  Response response(failing && !control ? http::status::service_unavailable : http::status::ok, request.version());
  response.set(http::field::server, "gatehouse-demo-origin");
  response.set(http::field::content_type, "application/json");
  response.set("x-demo-origin", options.name);
  response.keep_alive(request.keep_alive());
  if (request.target() == "/healthz") {
    response.body() = failing ? "{\"status\":\"failing\"}\n" : "{\"status\":\"ok\"}\n";
  } else {
    response.body() = describe(request);
  }
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

std::string DemoOrigin::State::describe(const Request& request) const {
  std::string out = "{\n  \"origin\": " + json_text(options.name) + ",\n  \"region\": " + json_text(options.region) +
                    ",\n  \"state\": " + (failing ? "\"failing\"" : "\"ok\"") + ",\n  \"requests\": " + std::to_string(requests) +
                    ",\n  \"method\": " + json_text(request.method_string()) + ",\n  \"target\": " + json_text(request.target()) +
                    ",\n  \"headers\": {";
  bool first = true;
  for (const auto& field : request) {
    out += first ? "\n" : ",\n";
    out += "    " + json_text(field.name_string()) + ": " + json_text(field.value());
    first = false;
  }
  out += "\n  },\n  \"body_bytes\": " + std::to_string(request.body().size()) + "\n}\n";
  return out;
}

}  // namespace gatehouse::cli
