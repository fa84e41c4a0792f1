// DemoOrigin: a small HTTP server to try the gateway with. It says who it is and what it was sent, answers its health
// check, and can be told to fail: POST /demo/fail makes every answer 503 (the health check's too), POST /demo/heal
// ends that. Built on Beast, not on the data plane, so that the two do not share a mistake. Runs on the io_context it
// is given, on one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

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
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse::cli
