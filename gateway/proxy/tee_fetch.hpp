// TeeFetch: an origin's response that goes past the cache and is stored on the way: the answer to a POST that says it is what
// a GET would get (RFC 9110 9.3.3). Content goes into the body as the client gets it. One thread.
#pragma once

#include "gateway/exchange/exchange.hpp"
#include "gateway/proxy/caching.hpp"
#include "gateway/proxy/make_stored.hpp"

namespace gatehouse::proxy {

class TeeFetch final : public exchange::Fetch {
 public:
  TeeFetch(exchange::Fetch& origin, Tee& tee, cache::Store& store) noexcept : origin_(origin), tee_(tee), store_(store) {}
  /// Content that never came to its end is no content to keep.
  ~TeeFetch() override {
    if (keeping_ && !tee_.body->complete()) give_up();
  }

  Task<Try<void>> send_head(const http::Request& request, std::string_view host, exchange::Piece first) override {
    return origin_.send_head(request, host, first);
  }
  Task<Try<void>> send_body(exchange::Piece piece, const http::FieldList* trailers) override { return origin_.send_body(piece, trailers); }
  Task<Try<http::Response*>> read_head(http::Method method, std::chrono::milliseconds limit) override {
    return origin_.read_head(method, limit);
  }
  bool head_begun() const noexcept override { return origin_.head_begun(); }
  Try<exchange::Piece> body_at_hand() override { return keep(origin_.body_at_hand()); }
  Task<Try<exchange::Piece>> read_body() override { co_return keep(co_await origin_.read_body()); }
  const http::FieldList* response_trailers() const noexcept override { return origin_.response_trailers(); }
  exchange::Wire* splice_source(std::uint64_t&) noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  void stop_sending() noexcept override { origin_.stop_sending(); }
  void stop_reading() noexcept override { origin_.stop_reading(); }

  Try<exchange::Piece> keep(Try<exchange::Piece> piece) {
    if (!piece || !keeping_) return piece;
    tee_.body->append(piece->bytes);
    if (piece->last && !tee_.body->complete()) tee_.body->finish(trailer_lines(origin_.response_trailers()));
    if (store_.account(*tee_.object) != cache::Accounted::stored && !tee_.body->complete()) give_up();
    return piece;
  }

 private:
  void give_up() noexcept {
    keeping_ = false;
    tee_.body->fail(exchange::fault_of(exchange::Errc::origin_body_short));
    store_.erase(*tee_.object);
  }

  exchange::Fetch& origin_;
  Tee& tee_;
  cache::Store& store_;
  bool keeping_{true};
};

}  // namespace gatehouse::proxy
