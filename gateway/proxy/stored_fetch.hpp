// StoredFetch: a stored response's content in the shape of an origin's, so that what relays and screens responses need not
// know where they come from. One thread.
#pragma once

#include "gateway/cache/body.hpp"
#include "gateway/exchange/exchange.hpp"

namespace gatehouse::proxy {

class StoredFetch final : public exchange::Fetch {
 public:
  explicit StoredFetch(std::unique_ptr<cache::Reader> reader) noexcept : reader_(std::move(reader)) {}

  // Nothing is asked of an origin.
  Task<Try<void>> send_head(const http::Request&, std::string_view, exchange::Piece) override { return nothing<void>(); }
  Task<Try<void>> send_body(exchange::Piece, const http::FieldList*) override { return nothing<void>(); }
  Task<Try<http::Response*>> read_head(http::Method, std::chrono::milliseconds) override { return nothing<http::Response*>(); }
  bool head_begun() const noexcept override { return true; }
  void stop_sending() noexcept override {}
  exchange::Wire* splice_source(std::uint64_t&) noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  const http::FieldList* response_trailers() const noexcept override { return nullptr; }

  Try<exchange::Piece> body_at_hand() override {
    auto piece = reader_->at_hand();
    return piece ? *piece : Try<exchange::Piece>(exchange::Piece{});
  }
  Task<Try<exchange::Piece>> read_body() override { return reader_->next(); }
  void stop_reading() noexcept override { reader_->stop(); }

 private:
  template <class T>
  static Task<Try<T>> nothing() { return Task<Try<T>>::now(Failure{exchange::fault_of(exchange::Errc::internal)}); }

  std::unique_ptr<cache::Reader> reader_;
};

}  // namespace gatehouse::proxy
