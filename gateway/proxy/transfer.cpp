#include "gateway/proxy/transfer.hpp"

#include "gateway/http/date.hpp"
#include "gateway/http/hop_by_hop.hpp"

namespace gatehouse::proxy {

using exchange::Piece;
using http::Response;

namespace {

constexpr std::uint64_t turn = 1024 * 1024;  // after so much another connection gets its turn

/// The rest of the request's content on its way up. A failure of the client's wakes whoever waits for the response; one
/// of the origin's does not, since a response may still be there to read.
Task<Try<void>> send_content(Exchange& x, exchange::Fetch& fetch, const bool& unwanted) {
  std::uint64_t since_turn = 0;
  for (bool last = false; !last && !unwanted;) {
    const Try<Piece> piece = co_await x.read_body();
    if (!piece) {
      if (piece.error().what != Errc::none) fetch.stop_reading();
      co_return Failure{piece.error()};
    }
    last = piece->last;
    const Try<void> sent = co_await fetch.send_body(*piece, last ? x.request_trailers() : nullptr);
    if (!sent) co_return sent;
    since_turn += piece->bytes.size();
    if (since_turn >= turn) {
      since_turn = 0;
      co_await x.worker.yield();
    }
  }
  co_return Try<void>{};
}

/// The final head; interim ones are passed on (RFC 9110 15.2), except 100, which the gateway says itself.
Task<Try<Response*>> read_final_head(Exchange& x, exchange::Fetch& fetch) {
  constexpr unsigned interim_max = 16;
  for (unsigned interim = 0; interim <= interim_max; ++interim) {
    Try<Response*> head = co_await fetch.read_head(x.request.method, x.limits->first_byte_timeout);
    if (!head) co_return head;
    if ((*head)->status == 101) co_return Failure{exchange::fault_of(Errc::origin_upgrade_mismatch)};  // none was asked for
    if ((*head)->status >= 200) co_return head;
    if ((*head)->status == 100) continue;
    http::drop_hop_by_hop(**head);
    const Try<void> sent = co_await x.send_interim(**head);
    if (!sent) co_return Failure{sent.error()};
  }
  co_return Failure{exchange::fault_of(Errc::origin_bad_head)};
}

Task<Try<void>> splice_content(const Transfer& t, exchange::Wire& from, exchange::Wire& to, std::uint64_t n) {
  const PipePool::Pipe pipe = t.pipes.take();
  std::uint64_t moved = 0;
  const Splice what{from, to, n, t.passage.x.limits->idle_timeout};
  const Try<void> done = co_await splice(what, pipe, moved);
  t.fetch.spliced(moved);
  t.passage.x.spliced(moved);
  if (done) {
    t.pipes.give(pipe);
  } else {
    PipePool::close(pipe);
  }
  co_return done;
}

/// The response's content after its first piece.
Task<Try<void>> relay_content(const Transfer& t, bool complete) {
  Exchange& x = t.passage.x;
  std::uint64_t since_turn = 0;
  while (!complete) {
    std::uint64_t n = 0;
    exchange::Wire* const to = x.splice_target();
    exchange::Wire* const from = to != nullptr ? t.fetch.splice_source(n) : nullptr;
    if (from != nullptr) co_return co_await splice_content(t, *from, *to, n);
    const Try<Piece> piece = co_await t.fetch.read_body();
    if (!piece) co_return Failure{piece.error()};
    complete = piece->last;
    const Try<void> sent = co_await x.send_body(*piece, complete ? t.fetch.response_trailers() : nullptr);
    if (!sent) co_return sent;
    since_turn += piece->bytes.size();
    if (since_turn >= turn) {
      since_turn = 0;
      co_await x.worker.yield();
    }
  }
  co_return Try<void>{};
}

/// What of the head is the client's business.
void prepare_response(const Exchange& x, Response& head) {
  http::drop_hop_by_hop(head);
  // RFC 9110 6.6.1: a recipient with a clock adds the Date that an origin left out.
  if (!head.fields.has(http::FieldKind::date)) head.fields.add("date", http::date_now(x.worker.clock().wall_ns()));
}

/// The final head, unless the client goes away first: then nobody needs it (aws-alb 8: 460).
Task<Try<Response*>> wait_for_head(Exchange& x, exchange::Fetch& fetch) {
  x.watch_client([](void* waiting) noexcept { static_cast<exchange::Fetch*>(waiting)->stop_reading(); }, &fetch);
  Try<Response*> head = co_await read_final_head(x, fetch);
  x.watch_client(nullptr, nullptr);
  if (!head && head.error().what == Errc::none) co_return Failure{exchange::fault_of(Errc::client_reset)};
  co_return head;
}

/// From the response's head to its end.
Task<Try<void>> receive(const Transfer& t) {
  Exchange& x = t.passage.x;
  Try<Response*> head = co_await wait_for_head(x, t.fetch);
  if (!head) co_return Failure{head.error()};
  x.account.origin_head_ns = x.worker.clock().steady_ns();
  x.trail.note(x.account.origin_head_ns, Decision::origin_head, (*head)->status);
  prepare_response(x, **head);
  Try<Piece> first = t.fetch.body_at_hand();
  if (!first) co_return Failure{first.error()};
  // A chunked message that is complete already goes out with its trailers in the loop, not with its head.
  const http::FieldList* trailers = first->last ? t.fetch.response_trailers() : nullptr;
  const bool hold_end = trailers != nullptr;
  if (hold_end) first->last = false;
  const Try<void> sent = co_await x.send_head(**head, *first);
  if (!sent) co_return sent;
  if (hold_end) {
    const Piece end{{}, true};
    co_return co_await x.send_body(end, trailers);
  }
  co_return co_await relay_content(t, first->last);
}

/// The head with the content at hand. Trailers that came with it go out behind it.
Task<Try<void>> send_request(const Transfer& t) {
  Exchange& x = t.passage.x;
  const http::FieldList* const trailers = t.first.last ? x.request_trailers() : nullptr;
  if (trailers == nullptr) co_return co_await t.fetch.send_head(x.request, t.host, t.first);
  const Piece unfinished{t.first.bytes, false};
  const Try<void> sent = co_await t.fetch.send_head(x.request, t.host, unfinished);
  if (!sent) co_return sent;
  const Piece end{{}, true};
  co_return co_await t.fetch.send_body(end, trailers);
}

/// The response while the request's content is still going up.
Task<Try<void>> receive_beside_content(const Transfer& t) {
  Exchange& x = t.passage.x;
  bool unwanted = false;
  runtime::Join<Try<void>> content(send_content(x, t.fetch, unwanted));
  Try<void> received = co_await receive(t);
  unwanted = true;
  x.stop_body();
  t.fetch.stop_sending();
  const Try<void> sent = co_await content.join();
  // What the client did explains best why there was no response.
  if (!received && !sent && sent.error().side == Side::client && sent.error().what != Errc::none) co_return sent;
  co_return received;
}

}  // namespace

Task<Try<void>> transfer(const Transfer& t) {
  Exchange& x = t.passage.x;
  Try<void> sent = co_await send_request(t);
  x.account.origin_sent_ns = x.worker.clock().steady_ns();
  x.trail.note(x.account.origin_sent_ns, Decision::request_sent);
  // An origin that refuses content early may have said so before it closed (RFC 9112 9.5); without content in flight
  // a failed send has no answer to wait for.
  if (!sent) co_return sent;
  Try<void> done = t.first.last ? co_await receive(t) : co_await receive_beside_content(t);
  if (!done && x.reply_started()) x.abort();
  co_return done;
}

}  // namespace gatehouse::proxy
