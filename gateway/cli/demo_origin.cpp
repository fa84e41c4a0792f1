#include "gateway/cli/demo_origin.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <iostream>

#include "gateway/control_http/server.hpp"
#include "gateway/runtime/context_thread.hpp"

namespace gatehouse::cli {

namespace asio = boost::asio;
using control_http::Request;
using control_http::Response;

namespace {

control_http::Limits limits() {
  control_http::Limits out;
  out.connections_max = 10'000;
  out.head_max = 8 * 1024;
  out.body_max = 8 * 1024 * 1024;
  out.request_time = std::chrono::seconds(75);
  out.answer_time = std::chrono::seconds(75);
  out.mirror_version = true;
  return out;
}

std::string json_text(std::string_view text) {
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

struct DemoOrigin::State final : control_http::Responder {
  State(asio::io_context& io, DemoOriginOptions options) : options(std::move(options)), http(io, *this, limits()) {}

  void respond(Request request, control_http::Respond done) override { done(answer(request)); }
  Response answer(const Request& request);
  std::string describe(const Request& request) const;

  DemoOriginOptions options;
  std::uint64_t requests{0};
  bool failing{false};
  control_http::Server http;
};

DemoOrigin::DemoOrigin(asio::io_context& io, DemoOriginOptions options)
    : state_(std::make_unique<State>(io, std::move(options))) {
  const asio::ip::tcp::endpoint where(asio::ip::make_address(state_->options.address), state_->options.port);
  const auto error = state_->http.start(where);
  if (error) throw boost::system::system_error(error, "bind");
}

DemoOrigin::~DemoOrigin() = default;

DemoOrigin::DemoOrigin(DemoOrigin&&) noexcept = default;

std::uint16_t DemoOrigin::port() const { return state_->http.port(); }

Response DemoOrigin::State::answer(const Request& request) {
  ++requests;
  const bool fail = request.target == "/demo/fail";
  const bool heal = request.target == "/demo/heal";
  if (request.method == "POST" && (fail || heal)) failing = fail;
  Response response;
  response.status = failing && !fail && !heal ? 503 : 200;
  response.fields = {{"Server", "gatehouse-demo-origin"}, {"Content-Type", "application/json"}, {"x-demo-origin", options.name}};
  if (request.target == "/healthz") {
    response.body = failing ? "{\"status\":\"failing\"}\n" : "{\"status\":\"ok\"}\n";
  } else {
    response.body = describe(request);
    if (request.target.starts_with("/static/")) response.fields.emplace_back("Cache-Control", "max-age=60");
  }
  return response;
}

std::string DemoOrigin::State::describe(const Request& request) const {
  std::string out = "{\n  \"origin\": " + json_text(options.name) + ",\n  \"region\": " + json_text(options.region) +
                    ",\n  \"state\": " + (failing ? "\"failing\"" : "\"ok\"") + ",\n  \"requests\": " + std::to_string(requests) +
                    ",\n  \"method\": " + json_text(request.method) + ",\n  \"target\": " + json_text(request.target) +
                    ",\n  \"headers\": {";
  bool first = true;
  for (const auto& [name, value] : request.fields) {
    out += first ? "\n" : ",\n";
    out += "    " + json_text(name) + ": " + json_text(value);
    first = false;
  }
  out += "\n  },\n  \"body_bytes\": " + std::to_string(request.body.size()) + "\n}\n";
  return out;
}

struct DemoOrigins::Running {
  runtime::ContextThread thread;
  std::vector<DemoOrigin> origins;
};

DemoOrigins::DemoOrigins(const std::vector<DemoOriginOptions>& options) : running_(std::make_unique<Running>()) {
  for (const DemoOriginOptions& each : options) {
    running_->origins.emplace_back(running_->thread.io(), each);
    ports_.push_back(running_->origins.back().port());
  }
  running_->thread.start();
}

/// Origins belong to the thread, so that it ends before them.
DemoOrigins::~DemoOrigins() { running_->thread.stop(); }

int run_demo_origin(const DemoOriginOptions& options) {
  asio::io_context io{1};
  try {
    const DemoOrigin running(io, options);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
    std::cout << "ready " << options.name << "=" << options.address << ':' << running.port() << std::endl;
    io.run();
  } catch (const std::exception& error) {
    std::cerr << "gatehouse demo origin: " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace gatehouse::cli
