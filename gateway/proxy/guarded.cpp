// Step 3, screen, with a web ACL: what stands around the rest of the way for an exchange whose route names one.
#include "gateway/http/status.hpp"
#include "gateway/proxy/guard.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"

namespace gatehouse::proxy {

Task<Try<void>> Proxy::guarded(Passage& passage, const CompiledAction& action) {
  Guard guard(passage, inspection_room_);
  passage.guard = &guard;
  Try<void> done = co_await guard.screen_request();
  if (done) done = co_await act(passage, action);
  if (!done && done.error().what == Errc::waf_denied && !passage.x.reply_started()) {
    done = co_await reply_blocked(passage, guard.decision());
  }
  guard.finish(metrics_, waf_log_);
  passage.guard = nullptr;
  co_return done;
}

Task<Try<void>> reply_blocked(Passage& passage, const filters::Decision& decision) {
  Exchange& x = passage.x;
  x.account.reason = Errc::waf_denied;
  x.account.reason_side = Side::client;
  passage.reason = exchange::fault_name(Errc::waf_denied);
  if (!x.body_complete()) x.request.keep_alive = false;  // nobody reads the rest
  if (decision.outcome == filters::Outcome::drop) {
    x.abort();
    co_return Try<void>{};
  }
  http::Response& head = x.own_reply;
  head.fields.clear();
  head.version_minor = 1;
  head.keep_alive = true;
  head.fields.add("x-request-id", passage.request_id);
  head.fields.add("cache-control", "no-store");
  const bool elsewhere = decision.outcome == filters::Outcome::redirect;
  const std::uint16_t status = elsewhere && (decision.status < 300 || decision.status > 399) ? 302 : decision.status;
  if (elsewhere) head.fields.add("location", decision.location);
  // Which rule it was is the operator's business: the reference finds it in the log, and tells an attacker nothing.
  const std::string_view title = http::status_reason(status);
  const std::string_view body = elsewhere ? std::string_view() : x.scratch.join(
      "<!doctype html>\n<title>", title, "</title>\n<h1>", title, "</h1>\n"
      "<p>This request was blocked by the site's security rules.</p>\n"
      "<p>If you think that this is wrong, tell the site's owner this reference: <code>", passage.request_id, "</code></p>\n");
  const OwnReply own{status, elsewhere ? std::string_view() : "text/html; charset=utf-8", body};
  co_return co_await reply(x, head, own);
}

}  // namespace gatehouse::proxy
