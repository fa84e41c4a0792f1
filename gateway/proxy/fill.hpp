// FillExchange: a fetch for the cache, as an exchange whose client is the cache. It asks what the first client asked, with
// its own copy of the request, so that it lives as long as it takes; the spine's step 6 and 7 carry it out like any other
// (retries, health, limits exist once). Its reply goes into a stored object, or, when it may not be stored, through to
// the client that began it. On that client's worker.
#pragma once

#include <string>
#include <vector>

#include "gateway/cache/storing.hpp"
#include "gateway/exchange/exchange.hpp"
#include "gateway/proxy/caching.hpp"
#include "gateway/proxy/disk_fill.hpp"
#include "gateway/proxy/fill_compression.hpp"
#include "gateway/proxy/flight.hpp"
#include "gateway/proxy/make_stored.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

class FillExchange final : public exchange::Exchange {
 public:
  /// `stored`: a response to be validated; null where there is none. What the client asks of this exchange's response
  /// alone (ranges, conditions) is left out unless `alone`.
  FillExchange(const Passage& client, FlightRef flight, cache::ObjectRef stored, bool alone);

  /// The fetch is over. Whoever still waits for something is told why it does not come.
  void end(const Passage& passage, const Try<void>& done);

  // What the fetch needs of the first client's passage.
  WorkerSnapshot::Pin pinned;
  const CompiledListener& listener;
  const CompiledRule* route;
  const CompiledGroup* group;
  std::uint16_t region;
  const CompiledOrigin* origin;
  std::string request_id;
  std::string client_text;
  bool client_trusted;

  /// Where the passage of the fetch keeps whom it asks.
  Passage* passage{nullptr};

  Try<exchange::Piece> body_at_hand() override { return exchange::Piece{{}, true}; }
  Task<Try<void>> invite_body() override { return Task<Try<void>>::now(Try<void>{}); }
  Task<Try<exchange::Piece>> read_body() override { return Task<Try<exchange::Piece>>::now(exchange::Piece{{}, true}); }
  const http::FieldList* request_trailers() const noexcept override { return nullptr; }
  bool body_complete() const noexcept override { return true; }

  Task<Try<void>> send_interim(const http::Response& head) override;
  Task<Try<void>> send_head(http::Response& head, exchange::Piece first) override;
  Task<Try<void>> send_body(exchange::Piece piece, const http::FieldList* trailers) override;
  exchange::Wire* splice_target() noexcept override { return nullptr; }
  void spliced(std::uint64_t) noexcept override {}
  bool reply_started() const noexcept override { return started_; }
  void abort() noexcept override {}
  void stop_body() noexcept override {}
  void watch_client(void (*)(void*) noexcept, void*) noexcept override {}

 private:
  void copy_request(const http::Request& from);
  void name_host_by_key();
  void leave_out_unkeyed(const Passage& client);
  void ask_conditionally();
  StoredUnder under() const;
  Landing landing(Landing::Kind kind, const http::Response& head) const;
  void land(Landing landing);
  void store_or_pass(http::Response& head);
  bool store(const http::Response& head, const cache::Storing& storing);
  void stored_head(http::Response& out) const;
  bool fill_in(exchange::Piece piece, const http::FieldList* trailers);
  void store_complete(cache::Accounted accounted);
  void pass(const http::Response& head, std::string_view why_not);
  void validated(const http::Response& head);
  void write_validated();
  std::int64_t now_ms() const noexcept { return static_cast<std::int64_t>(worker.clock().wall_ns() / 1'000'000); }

  exchange::Connection connection_;
  std::array<std::string, 2> fingerprints_;  // what connection_ has views of
  std::string request_text_;      // what the request's views are of
  http::Request asked_;           // as the client sent it: what selects among variants
  const CompiledBehavior& behavior_;
  const CompiledCachePolicy& policy_;
  const cdn::Encoding encoding_;
  const Selectors selectors_;
  SharedCache& shared_;
  const cache::Key key_;
  const std::string key_text_;
  const std::string key_origin_;
  const std::string keyed_;      // for people
  FlightRef flight_;
  cache::ObjectRef stored_;       // being validated
  cache::Times times_;
  std::uint64_t epoch_;
  cache::ObjectRef object_;
  cache::BodyRef body_;           // being filled; null: content is dropped
  FillCompression compression_;   // of what goes into the body
  DiskFill disk_fill_;
  bool in_store_{false};
  bool part_{false};
  bool alone_{false};  // asked on the client's own terms
  bool passing_{false};
  bool started_{false};
};

}  // namespace gatehouse::proxy
