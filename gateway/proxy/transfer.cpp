#include "gateway/proxy/transfer.hpp"

#include <algorithm>

#include "gateway/http/date.hpp"
#include "gateway/http/hop_by_hop.hpp"
#include "gateway/proxy/error_page.hpp"
#include "gateway/proxy/guard.hpp"
#include "gateway/proxy/tee_fetch.hpp"

namespace gatehouse::proxy {

using exchange::Piece;
using http::Response;
using std::chrono::milliseconds;

namespace {


/// How far the request's content is on its way up.
struct Upload {
  enum class Stage : std::uint8_t { from_client, to_origin, done };  // whom it waits for
  Stage stage{Stage::done};
  bool unwanted{false};
  std::uint64_t done_ns{0};

  /// What is left of the time for the first byte, which counts from the request's end: a client that takes its time is
  /// not the origin's fault.
  milliseconds first_byte_left(milliseconds limit, std::uint64_t now_ns) const noexcept {
    if (stage == Stage::done) return limit - milliseconds((now_ns - done_ns) / 1'000'000);
    return stage == Stage::from_client ? limit : milliseconds(0);
  }
};

/// The rest of the request's content on its way up. A failure of the client's wakes whoever waits for the response; one
/// of the origin's does not, since a response may still be there to read.
Task<Try<void>> send_content(Exchange& x, exchange::Fetch& fetch, Upload& upload) {
  std::uint64_t since_turn = 0;
  for (bool last = false; !last && !upload.unwanted;) {
    upload.stage = Upload::Stage::from_client;
    const Try<Piece> piece = co_await x.read_body();
    if (!piece) {
      if (piece.error().what != Errc::none) fetch.stop_reading();
      co_return Failure{piece.error()};
    }
    last = piece->last;
    upload.stage = Upload::Stage::to_origin;
    const Try<void> sent = co_await fetch.send_body(*piece, last ? x.request_trailers() : nullptr);
    if (!sent) co_return sent;
    since_turn += piece->bytes.size();
    if (since_turn >= turn) {
      since_turn = 0;
      co_await x.worker.yield();
    }
  }
  upload.stage = Upload::Stage::done;
  upload.done_ns = x.worker.clock().steady_ns();
  co_return Try<void>{};
}

/// The final head; interim ones are passed on (RFC 9110 15.2), except 100, which the gateway says itself.
Task<Try<Response*>> read_final_head(Exchange& x, exchange::Fetch& fetch, const Upload& upload) {
  constexpr unsigned interim_max = 16;
  milliseconds limit = x.limits->first_byte_timeout;
  for (unsigned interim = 0; interim <= interim_max;) {
    Try<Response*> head = co_await fetch.read_head(x.request.method, limit);
    if (!head) {
      if (head.error().what != Errc::origin_timeout || fetch.head_begun()) co_return head;
      limit = upload.first_byte_left(x.limits->first_byte_timeout, x.worker.clock().steady_ns());
      if (limit <= milliseconds(0)) co_return head;
      continue;
    }
    ++interim;
    if ((*head)->status == 101) co_return Failure{exchange::fault_of(Errc::origin_upgrade_mismatch)};  // none was asked for
    if ((*head)->status >= 200) co_return head;
    if ((*head)->status == 100) continue;
    http::drop_hop_by_hop(**head);
    const Try<void> sent = co_await x.send_interim(**head);
    if (!sent) co_return Failure{sent.error()};
  }
  co_return Failure{exchange::fault_of(Errc::origin_bad_head)};
}

Task<Try<void>> splice_content(const Transfer& t, const Splice& what, PipePool::Pipe pipe) {
  std::uint64_t moved = 0;
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
Task<Try<void>> relay_content(const Transfer& t) {
  Exchange& x = t.passage.x;
  std::uint64_t since_turn = 0;
  for (bool complete = false; !complete;) {
    std::uint64_t n = 0;
    exchange::Wire* const to = x.splice_target();
    exchange::Wire* const from = to != nullptr ? t.fetch.splice_source(n) : nullptr;
    // Without a descriptor left for a pipe the content is copied.
    if (const PipePool::Pipe pipe = from != nullptr ? t.pipes.take() : PipePool::Pipe()) {
      const Splice what{*from, *to, n, x.limits->idle_timeout};
      co_return co_await splice_content(t, what, pipe);
    }
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

/// Whether an answer of the primary sends the request to the secondary.
bool goes_to_secondary(const Passage& passage, std::uint16_t status) noexcept {
  if (passage.origin == nullptr || !fails_over(passage.x.request.method)) return false;
  return std::ranges::find(passage.origin->failover_codes, status) != passage.origin->failover_codes.end();
}

/// A response that is stored on its way.
Task<Try<void>> relay_teed(const Transfer& t, Response& head) {
  TeeFetch tee(t.fetch, *t.passage.caching->tee, t.passage.caching->shared.store);
  const Try<Piece> first = tee.body_at_hand();
  if (!first) co_return Failure{first.error()};
  const Transfer teed{t.passage, tee, t.pipes, t.first, t.host};
  co_return co_await relay_response(teed, head, *first);
}

/// From the response's head to its end.
Task<Try<void>> receive(const Transfer& t, const Upload& upload) {
  Exchange& x = t.passage.x;
  // Unless the client goes away first: then nobody needs the response (aws-alb 8: 460).
  x.watch_client([](void* waiting) noexcept { static_cast<exchange::Fetch*>(waiting)->stop_reading(); }, &t.fetch);
  Try<Response*> head = co_await read_final_head(x, t.fetch, upload);
  x.watch_client(nullptr, nullptr);
  if (!head && head.error().what == Errc::none) head = Failure{exchange::fault_of(Errc::client_reset)};
  if (!head) co_return Failure{head.error()};
  x.account.origin_head_ns = x.worker.clock().steady_ns();
  x.trail.note(x.account.origin_head_ns, Decision::origin_head, (*head)->status);
  prepare_response(x, **head);
  if (goes_to_secondary(t.passage, (*head)->status)) co_return Failure{not_for_the_client(Errc::failover_answer, (*head)->status)};
  if (t.passage.caching) see_response(t.passage, **head);
  if (is_replaced(t.passage, (*head)->status)) co_return Failure{not_for_the_client(Errc::replaced_by_page, (*head)->status)};
  if (t.passage.caching && t.passage.caching->request.unsafe) co_await forget_outdated(t.passage);
  if (t.passage.caching && t.passage.caching->tee) co_return co_await relay_teed(t, **head);
  const Try<Piece> first = t.fetch.body_at_hand();
  if (!first) co_return Failure{first.error()};
  co_return co_await relay_response(t, **head, *first);
}

Task<Try<void>> send_with_trailers(const Transfer& t, const http::FieldList& trailers) {
  Exchange& x = t.passage.x;
  const Piece unfinished{t.first.bytes, false};
  const Try<void> sent = co_await t.fetch.send_head(x.request, t.host, unfinished);
  if (!sent) co_return sent;
  const Piece end{{}, true};
  co_return co_await t.fetch.send_body(end, &trailers);
}

/// The head with the content at hand. Trailers that came with it go out behind it.
Task<Try<void>> send_request(const Transfer& t) {
  const http::FieldList* const trailers = t.first.last ? t.passage.x.request_trailers() : nullptr;
  if (trailers == nullptr) return t.fetch.send_head(t.passage.x.request, t.host, t.first);
  return send_with_trailers(t, *trailers);
}

/// The response while the request's content is still going up.
Task<Try<void>> receive_beside_content(const Transfer& t) {
  Exchange& x = t.passage.x;
  const Try<void> invited = co_await x.invite_body();
  if (!invited) co_return invited;
  Upload upload;
  runtime::Join<Try<void>> content(send_content(x, t.fetch, upload));
  Try<void> received = co_await receive(t, upload);
  const bool client_silent = upload.stage == Upload::Stage::from_client;
  upload.unwanted = true;
  x.stop_body();
  t.fetch.stop_sending();
  const Try<void> sent = co_await content.join();
  // What the client did explains best why there was no response.
  if (!received && !sent && sent.error().side == Side::client && sent.error().what != Errc::none) co_return sent;
  // An origin that waits for more content may well be silent.
  if (!received && received.error().what == Errc::origin_idle && client_silent) co_return Failure{exchange::fault_of(Errc::client_idle)};
  co_return received;
}

}  // namespace

namespace {

Task<Try<void>> relay_in_steps(const Transfer& t, Response& head, Piece first) {
  Exchange& x = t.passage.x;
  if (t.passage.guard != nullptr) {
    const Try<Piece> screened = co_await t.passage.guard->screen_response(head, t.fetch, first);
    if (!screened) co_return Failure{screened.error()};
    first = *screened;
  }
  // A chunked message that is complete already goes out with its trailers in the loop, not with its head.
  const http::FieldList* trailers = first.last ? t.fetch.response_trailers() : nullptr;
  const bool hold_end = trailers != nullptr;
  if (hold_end) first.last = false;
  const Try<void> sent = co_await x.send_head(head, first);
  if (!sent) co_return sent;
  if (hold_end) {
    const Piece end{{}, true};
    co_return co_await x.send_body(end, trailers);
  }
  if (first.last) co_return sent;
  co_return co_await relay_content(t);
}

}  // namespace

Task<Try<void>> relay_response(const Transfer& t, Response& head, Piece first) {
  // What is here as a whole needs no steps, and so no frame of its own.
  const bool whole = first.last && t.passage.guard == nullptr && t.fetch.response_trailers() == nullptr;
  return whole ? t.passage.x.send_head(head, first) : relay_in_steps(t, head, first);
}

Task<Try<void>> transfer(const Transfer& t) {
  Exchange& x = t.passage.x;
  Try<void> sent = co_await send_request(t);
  x.account.origin_sent_ns = x.worker.clock().steady_ns();
  x.trail.note(x.account.origin_sent_ns, Decision::request_sent);
  // An origin that refuses content early may have said so before it closed (RFC 9112 9.5); without content in flight
  // a failed send has no answer to wait for.
  if (!sent) co_return sent;
  Upload all_sent;
  all_sent.done_ns = x.account.origin_sent_ns;
  Try<void> done = t.first.last ? co_await receive(t, all_sent) : co_await receive_beside_content(t);
  if (!done && x.reply_started()) x.abort();
  co_return done;
}

}  // namespace gatehouse::proxy
