// Step 3, screen: the listener's filter chain judges the request's head. A filter that needs an answer from outside
// says ask; no filter that can be configured does so yet, so an ask is refused rather than let through.
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/request_view.hpp"

namespace gatehouse::proxy {
filters::Verdict Proxy::screen(Passage& passage) {
  const filters::Chain& chain = passage.listener.filters;
  if (chain.empty()) return filters::Verdict::pass;
  const filters::Verdict verdict = chain.on_request_head(request_view(passage), passage.screening);
  if (verdict == filters::Verdict::pass) {
    passage.x.trail.note(passage.x.trail.last_ns(), Decision::filter_passed);
    return verdict;
  }
  if (verdict == filters::Verdict::ask) passage.screening.respond(filters::Reply(503, "filter_unanswered"));
  passage.x.account.reason = Errc::filter_denied;
  passage.x.account.reason_side = Side::client;
  passage.reason = passage.screening.reason();
  passage.x.note(Decision::filter_responded, passage.screening.reply()->status);
  return filters::Verdict::respond;
}

}  // namespace gatehouse::proxy
