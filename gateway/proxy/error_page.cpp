#include "gateway/proxy/error_page.hpp"

#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

constexpr http::FieldKinds of_the_failed(http::FieldKind::range, http::FieldKind::if_match, http::FieldKind::if_none_match,
                                         http::FieldKind::if_modified_since, http::FieldKind::if_unmodified_since,
                                         http::FieldKind::if_range, http::FieldKind::content_type, http::FieldKind::content_encoding,
                                         http::FieldKind::content_length, http::FieldKind::transfer_encoding, http::FieldKind::expect);

/// Makes the request one for the page.
void ask_for(const ErrorPage& page, Passage& passage) {
  Exchange& x = passage.x;
  if (!x.body_complete()) x.request.keep_alive = false;  // nobody is going to read the rest
  if (x.request.method != http::Method::head) {
    x.request.method = http::Method::get;
    x.request.method_text = "GET";
  }
  if (passage.asked_path.empty()) passage.asked_path = x.request.path;
  x.request.path = page.path;
  x.request.query = {};
  x.request.has_query = false;
  x.request.body = {};
  x.request.fields.drop(of_the_failed);
  x.own_reply.fields.clear();
  passage.page = &page;
  passage.caching.reset();
  passage.stored = {};
  passage.origin = nullptr;
}

}  // namespace

Task<Try<void>> Proxy::look_up_with_pages(Passage& passage, const CompiledAction& action) {
  const Try<void> done = co_await look_up(passage, action);
  if (done || passage.x.reply_started()) co_return done;
  const ErrorPage* const page = page_for(passage, done.error().status);
  if (page == nullptr) co_return done;
  const Fault fault = done.error();
  if (fault.what != Errc::replaced_by_page) {
    passage.x.account.reason = fault.what;
    passage.x.account.reason_side = fault.side;
  }
  ask_for(*page, passage);
  const CompiledAction& instead = match(passage).action;
  if (instead.kind == CompiledAction::Kind::forward) co_return co_await look_up(passage, instead);
  co_return co_await act(passage, instead);
}

}  // namespace gatehouse::proxy
