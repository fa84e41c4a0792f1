// Step 3, screen: the listener's filter chain judges the request's head. A filter that needs an answer from outside
// says ask; no filter that can be configured does so yet, so an ask is refused rather than let through.
#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = *static_cast<const http::FieldList*>(context);
  if (index >= fields.all().size()) return false;
  field = {fields.all()[index].name(), fields.all()[index].value()};
  return true;
}

}  // namespace

filters::Verdict Proxy::screen(Passage& passage) {
  const filters::Chain& chain = passage.listener.filters;
  if (chain.empty()) return filters::Verdict::pass;
  const http::Request& request = passage.x.request;
  filters::RequestView view;
  view.method = request.method_text;
  view.scheme = passage.x.connection->secure ? "https" : "http";
  view.host = request.authority;
  view.path = request.path;
  view.query = request.query;
  view.target = request.target;
  view.version = request.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  view.client = passage.client().ip();
  view.client_text = passage.client_text;
  view.fields = filters::FieldsView(&field_at, &request.fields);
  const filters::Verdict verdict = chain.on_request_head(view, passage.screening);
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
