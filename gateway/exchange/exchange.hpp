// Exchange: one request with its reply, as the spine sees it, whatever protocol the client speaks. A protocol session
// implements it, fills in the request and calls Handler::serve(); every layer above speaks only this. Fetch is the same
// towards an origin. Views in the request stay valid until the exchange ends. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "gatehouse/config/model.hpp"
#include "gateway/exchange/fault.hpp"
#include "gateway/exchange/scratch.hpp"
#include "gateway/exchange/trail.hpp"
#include "gateway/exchange/wire.hpp"
#include "gateway/http/message.hpp"
#include "gateway/net/address.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::exchange {

using runtime::Task;

/// Which region a connection drew for a target group; kept until the region fails (interfaces: regions).
struct RegionMemory {
  std::uint32_t group{0};  // the group's stable id
  std::uint16_t region{0xffff};
  std::uint32_t age{0};    // which of several to forget first
  std::uint64_t generation{0};  // of the configuration it was drawn under
};

/// What is known of the client's connection; the same for all its exchanges.
struct Connection {
  net::Address peer;   // the TCP peer
  std::uint32_t listener{0};  // stable listener id
  bool secure{false};
  std::string_view tls_version;  // empty without TLS; static text
  std::string_view tls_cipher;
  bool tls_resumed{false};       // its handshake was a resumption
  std::string_view server_name;  // SNI; lives as long as the connection
  std::string_view ja3;          // likewise; empty: not known, or nobody asks
  std::string_view ja4;
  std::uint64_t accepted_ns{0};
  std::uint32_t exchanges{0};
  RegionMemory regions[4];

  void came_from(const net::Address& address) noexcept {
    peer = address;
    peer_text_size_ = static_cast<std::uint8_t>(address.write_ip(peer_text_).size());
  }
  /// The peer without its port.
  std::string_view peer_text() const noexcept { return {peer_text_.data(), peer_text_size_}; }

 private:
  std::array<char, net::Address::text_max> peer_text_;
  std::uint8_t peer_text_size_{0};
};

/// Content at hand: bytes that stay valid until the next call, and whether the content ends with them.
struct Piece {
  std::span<const char> bytes;
  bool last{false};
};

/// What the account step turns into metrics and a log line. Numbers of the configuration's dense ids.
struct Account {
  std::uint64_t bytes_in{0};   // head and content received from the client
  std::uint64_t bytes_out{0};  // head and content sent to the client
  std::uint64_t origin_sent_ns{0};
  std::uint64_t origin_head_ns{0};
  std::uint16_t status{0};
  std::uint16_t retries{0};
  Errc reason{Errc::none};
  Side reason_side{Side::gateway};
};

class Exchange {
 public:
  explicit Exchange(runtime::Worker& worker) noexcept : worker(worker), scratch(worker.buffers()) {}
  virtual ~Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  runtime::Worker& worker;
  Connection* connection{nullptr};
  http::Request request;
  http::Response own_reply;  // room for the head of a reply that the gateway makes itself
  Trail trail;
  Scratch scratch;
  Account account;
  const config::Limits* limits{nullptr};

  /// Notes a decision with the time of now.
  void note(Decision what, std::uint64_t value = 0, std::uint8_t a = 0, std::uint16_t b = 0) noexcept {
    trail.note(worker.clock().steady_ns(), what, value, a, b);
  }

  // The request's content.
  /// What has arrived already; never waits. May be called once, before read_body().
  virtual Try<Piece> body_at_hand() = 0;
  /// Tells a client that waits for it (100-continue) that its content is wanted. Before content is read beside a reply:
  /// two writers on one connection would mix their bytes.
  virtual Task<Try<void>> invite_body() = 0;
  /// The next piece; waits for the client, and invites it first. After the last piece it must not be called again.
  virtual Task<Try<Piece>> read_body() = 0;
  /// Trailer fields of the request, once its last piece was read.
  virtual const http::FieldList* request_trailers() const noexcept = 0;
  /// Whether the client owes no more content.
  virtual bool body_complete() const noexcept = 0;

  // The reply, in this order: any number of interim heads, one head, pieces of content.
  virtual Task<Try<void>> send_interim(const http::Response& head) = 0;
  /// Sends the head and the first piece of content in one go. `head.body` says how the content is delimited; the
  /// protocol may choose another framing. Connection handling fields are the protocol's business.
  virtual Task<Try<void>> send_head(http::Response& head, Piece first) = 0;
  virtual Task<Try<void>> send_body(Piece piece, const http::FieldList* trailers) = 0;
  /// The plain socket that the reply's counted content may be spliced to, or null. After splicing say spliced(n).
  virtual Wire* splice_target() noexcept = 0;
  virtual void spliced(std::uint64_t n) noexcept = 0;
  /// Whether a final head is on its way to the client: from then on nothing else can be said.
  virtual bool reply_started() const noexcept = 0;
  /// The reply cannot be completed: the connection (or stream) is torn down so that the client sees it is short.
  virtual void abort() noexcept = 0;
  /// Wakes a read_body() that waits, which then fails with Errc::none: the content is not wanted any more.
  virtual void stop_body() noexcept = 0;
  /// Calls `told` when the client's connection is gone for good while the exchange is under way; a client that has only
  /// ended its own direction still wants its reply. A null function withdraws it.
  virtual void watch_client(void (*told)(void*) noexcept, void* context) noexcept = 0;
};

/// What the protocols call; implemented by the proxy.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Answers one exchange, whatever happens. Pins the configuration for it.
  virtual Task<> serve(Exchange& exchange) = 0;
  /// Answers an exchange whose request was refused by the protocol, and accounts for it.
  virtual Task<> refuse(Exchange& exchange, Fault fault) = 0;
  /// The limits in force for the next exchange; valid until control returns to the event loop.
  virtual const config::Limits& limits() const noexcept = 0;
  /// Whether connections are to be closed after the exchange under way.
  virtual bool closing(const Connection& connection) const noexcept = 0;
};

/// One request to an origin and its response.
class Fetch {
 public:
  virtual ~Fetch() = default;

  /// Sends the head of `request` with `target` and `host`, and the first piece of content, in one go.
  virtual Task<Try<void>> send_head(const http::Request& request, std::string_view host, Piece first) = 0;
  virtual Task<Try<void>> send_body(Piece piece, const http::FieldList* trailers) = 0;
  /// The next response head, interim ones included. Valid until the next call or the end of the fetch.
  virtual Task<Try<http::Response*>> read_head(http::Method method, std::chrono::milliseconds limit) = 0;
  /// Whether some of the response's head has arrived.
  virtual bool head_begun() const noexcept = 0;
  virtual Try<Piece> body_at_hand() = 0;
  virtual Task<Try<Piece>> read_body() = 0;
  virtual const http::FieldList* response_trailers() const noexcept = 0;
  /// The plain socket that the next `n` bytes of content can be spliced from, or null; after it say spliced(n).
  virtual Wire* splice_source(std::uint64_t& n) noexcept = 0;
  virtual void spliced(std::uint64_t n) noexcept = 0;
  /// Wakes a send_body() that waits for room, which then fails with Errc::none.
  virtual void stop_sending() noexcept = 0;
  /// Wakes a read_head() or read_body() that waits, which then fails with Errc::none.
  virtual void stop_reading() noexcept = 0;
};

}  // namespace gatehouse::exchange
