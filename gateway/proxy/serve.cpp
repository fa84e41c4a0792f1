// THE SPINE. One request on its straight way through the gateway, in eight steps; each has a file of its own. What a
// step decides it leaves in the passage and in the exchange's decision trail. Protocol code never appears here.
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"

namespace gatehouse::proxy {

Task<> Proxy::serve(Exchange& x) {
  const WorkerSnapshot::Pin pinned(current_);
  const CompiledListener* const listener = pinned->snapshot().listener(x.connection->listener);
  if (listener == nullptr) co_return x.abort();  // the listener left the configuration between two exchanges
  x.limits = &pinned->snapshot().config.limits;
  Passage passage(x, *pinned.operator->(), *listener);

  const Try<void> done = co_await answer(passage);
  if (!done) co_await fail(passage, done.error());
  account(passage);                                              // 8 account
}

/// The steps up to the one that waits, whose task it hands on.
Task<Try<void>> Proxy::answer(Passage& passage) {
  const Try<void> identified = identify(passage);                // 1 identify
  if (!identified) return Task<Try<void>>::now(identified);

  if (screen(passage) != filters::Verdict::pass) {               // 3 screen: a listener's filters come before its rules
    return reply_of_filter(passage, *passage.screening.reply());
  }
  const CompiledAction& action = match(passage).action;          // 2 match
  if (passage.route->web_acl != nullptr) {                       // 3 screen: a web ACL stands around what follows
    return guarded(passage, action);
  }
  return act(passage, action);
}

/// What the rule says. No coroutine of its own: it hands on the one that does the work.
Task<Try<void>> Proxy::act(Passage& passage, const CompiledAction& action) {
  switch (action.kind) {
    case CompiledAction::Kind::redirect: return reply_redirect(passage, action.redirect);
    case CompiledAction::Kind::fixed_response: return reply_fixed(passage, action.fixed_response);
    case CompiledAction::Kind::forward: break;
  }
  if (!passage.listener.behaviors.empty()) {
    if (!passage.listener.error_pages.empty()) return look_up_with_pages(passage, action);
    return look_up(passage, action);                             // 4 look up
  }
  steer(passage, action);                                        // 5 steer
  return forward(passage);                                       // 6 pick and lease, 7 relay
}

/// A request that the protocol refused: there is no route to follow, but it is answered and accounted for like others.
Task<> Proxy::refuse(Exchange& x, Fault fault) {
  const WorkerSnapshot::Pin pinned(current_);
  const CompiledListener* const listener = pinned->snapshot().listener(x.connection->listener);
  if (listener == nullptr) co_return x.abort();
  x.limits = &pinned->snapshot().config.limits;
  Passage passage(x, *pinned.operator->(), *listener);
  passage.refused = true;
  name_request(passage);
  co_await fail(passage, fault);
  account(passage);
}

/// Says what went wrong, where that can still be said.
Task<> Proxy::fail(Passage& passage, Fault fault) {
  Exchange& x = passage.x;
  x.account.reason = fault.what;
  x.account.reason_side = fault.side;
  x.note(Decision::failed, fault.status, static_cast<std::uint8_t>(fault.what), static_cast<std::uint16_t>(fault.side));
  if (x.reply_started()) co_return x.abort();
  if (fault.side == Side::client && !x.body_complete()) x.request.keep_alive = false;
  const Try<void> sent = co_await reply_fault(passage, fault);
  if (!sent) x.abort();
}

}  // namespace gatehouse::proxy
