// DemoOrigin: a small HTTP server to try the gateway with. It says who it is and what it was sent, answers its health
// check, and can be told to fail: POST /demo/fail makes every answer 503 (the health check's too), POST /demo/heal
// ends that. On the control plane's HTTP server, not on the data plane, so that the two do not share a mistake. Runs on
// the io_context it is given, on one thread. DemoOrigins are several, on a thread of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace gatehouse::cli {

struct DemoOriginOptions {
  std::string address{"127.0.0.1"};
  std::uint16_t port{0};  // 0 picks a free one
  std::string name{"demo"};
  std::string region{"local"};
};

class DemoOrigin {
 public:
  /// Binds at once; throws boost::system::system_error when it cannot (start-up only).
  DemoOrigin(boost::asio::io_context& io, DemoOriginOptions options);
  ~DemoOrigin();
  DemoOrigin(DemoOrigin&&) noexcept;

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The origins on a thread of their own, as other machines would be, until it is destroyed.
class DemoOrigins {
 public:
  explicit DemoOrigins(const std::vector<DemoOriginOptions>& options);
  ~DemoOrigins();
  /// In the order of the options.
  const std::vector<std::uint16_t>& ports() const noexcept { return ports_; }

 private:
  struct Running;
  std::unique_ptr<Running> running_;
  std::vector<std::uint16_t> ports_;
};

/// Runs one origin in the foreground until signal INT or TERM. The exit code.
int run_demo_origin(const DemoOriginOptions& options);

}  // namespace gatehouse::cli
