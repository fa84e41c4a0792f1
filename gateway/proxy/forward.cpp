// Step 6, pick and lease, and what surrounds step 7: an endpoint by weight and health, a connection to it, one attempt,
// and at most one more where that is safe. A request is sent again when nothing of it was sent, or when its method is
// idempotent and no reply has begun (RFC 9110 9.2.2), and when its content is still at hand.
#include <limits>

#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/transfer.hpp"

namespace gatehouse::proxy {

using exchange::Piece;
using exchange::Retry;
using upstream::EndpointState;

namespace {

bool idempotent(http::Method method) noexcept {
  switch (method) {
    case http::Method::get:
    case http::Method::head:
    case http::Method::put:
    case http::Method::delete_:
    case http::Method::options:
    case http::Method::trace: return true;
    default: return false;
  }
}

bool may_retry(const Exchange& x, const Fault& fault, bool content_at_hand) noexcept {
  if (x.reply_started() || !content_at_hand) return false;
  return fault.retry == Retry::always || (fault.retry == Retry::if_idempotent && idempotent(x.request.method));
}

Try<Piece> content_at_hand(Passage& passage) {
  if (passage.page != nullptr) return Piece{{}, true};  // the content was of the request that failed
  return passage.guard != nullptr ? Try<Piece>(passage.guard->content()) : passage.x.body_at_hand();
}

}  // namespace

Task<Try<void>> Proxy::forward(Passage& passage) {
  Exchange& x = passage.x;
  const Try<Piece> first = content_at_hand(passage);
  if (!first) co_return Failure{first.error()};
  const std::string_view host = prepare_request(passage);

  const EndpointState* failed = nullptr;
  for (std::uint32_t attempts = 0;; ++attempts) {
    const Attempt attempt_of{*first, host, attempts != 0};
    const Try<void> done = co_await ask_origin(passage, attempt_of, failed);
    if (passage.endpoint != nullptr) learn(passage, done);
    if (done) co_return done;
    // Content that was read on is gone, so only what was at hand can be sent again.
    const bool again = !passage.group->site && attempts < passage.group->group.config().retries && may_retry(x, done.error(), first->last);
    if (!again && first->last && fail_over(passage, done.error())) {
      failed = nullptr;
      attempts = std::numeric_limits<std::uint32_t>::max();  // the secondary begins anew
      continue;
    }
    if (!again) co_return done;
    failed = passage.endpoint;
    ++x.account.retries;
    x.note(Decision::retried, passage.endpoint->id(), static_cast<std::uint8_t>(done.error().what));
  }
}

/// The files of the group, or one of its endpoints. No coroutine of its own.
Task<Try<void>> Proxy::ask_origin(Passage& passage, const Attempt& what, const EndpointState* exclude) {
  if (passage.group->site) return serve_site(passage, what.first);
  if (!pick(passage, exclude)) return Task<Try<void>>::now(Failure{exchange::fault_of(Errc::no_endpoint)});
  return attempt(passage, what);
}

/// Goes over to the secondary of an origin group (aws-cloudfront 13). Each request begins with the primary again.
bool Proxy::fail_over(Passage& passage, const Fault& fault) {
  Exchange& x = passage.x;
  const bool its_fault = fault.side == Side::origin || fault.what == Errc::no_endpoint;
  if (passage.origin == nullptr || x.reply_started() || !its_fault || !fails_over(x.request.method)) return false;
  passage.group = passage.origin->secondary;
  passage.origin = nullptr;
  passage.region = passage.group->group.regions() > 1 ? region_for(passage) : upstream::any_region;
  ++x.account.retries;
  x.note(Decision::retried, 0, static_cast<std::uint8_t>(fault.what));
  return true;
}

bool Proxy::pick(Passage& passage, const EndpointState* exclude) {
  Exchange& x = passage.x;
  upstream::GroupPicker& picker = passage.pinned.picker(passage.group->index);
  const upstream::Picked picked = picker.pick(passage.region, x.trail.last_ns() / 1'000'000, exclude);
  passage.endpoint = picked.endpoint;
  if (picked.endpoint == nullptr) return false;
  x.trail.note(x.trail.last_ns(), Decision::endpoint_picked, picked.endpoint->id(), picked.failed_open ? 1 : 0,
               static_cast<std::uint16_t>(picked.endpoint->weight()));
  return true;
}

Task<Try<void>> Proxy::attempt(Passage& passage, const Attempt& what) {
  Exchange& x = passage.x;
  const CompiledGroup& group = *passage.group;
  observe::EndpointSeries& series = metrics_.endpoint(passage.endpoint->series());
  const upstream::Connections::Wanted wanted{*passage.endpoint, group.tls, *x.limits, group.group.config(), what.again};
  const upstream::ActiveRequest active(*passage.endpoint);
  if (what.again) series.retries.add();
  x.account.origin_head_ns = 0;
  std::optional<upstream::Connections::Lease> lease = connections_.lease_idle(wanted);
  if (lease) {
    series.reused.add();
    x.trail.note(x.trail.last_ns(), Decision::leased, 0, 1);
  } else {
    auto made = co_await connections_.lease_new(wanted);
    if (!made) co_return Failure{made.error()};
    x.note(Decision::leased);
    lease.emplace(std::move(*made));
  }
  const ForOrigin for_origin(passage, what.host);
  const Transfer transfer_of{passage, lease->fetch(), pipes_, what.first, for_origin.host()};
  co_return co_await transfer(transfer_of);
}

/// Feeds what was seen into the endpoint's passive health and the counters.
void Proxy::learn(const Passage& passage, const Try<void>& outcome) {
  const Exchange& x = passage.x;
  observe::EndpointSeries& series = metrics_.endpoint(passage.endpoint->series());
  if (x.account.origin_head_ns != 0) {
    series.answered(x.account.status, x.account.origin_head_ns - x.account.origin_sent_ns);
  } else {
    series.failures.add();
  }
  const bool its_fault = !outcome && outcome.error().side == Side::origin;
  const bool bad_answer = outcome && (x.account.status == 502 || x.account.status == 503 || x.account.status == 504);
  const std::uint64_t now_ms = x.trail.last_ns() / 1'000'000;
  if (its_fault || bad_answer) {
    passage.group->group.outlier().failed(*passage.endpoint, now_ms);
  } else if (outcome) {
    passage.group->group.outlier().succeeded(*passage.endpoint);
  }
}

}  // namespace gatehouse::proxy
