#include "gateway/proxy/reply.hpp"

#include <charconv>

#include "gatehouse/filters/letters.hpp"
#include "gateway/http/date.hpp"
#include "gateway/http/status.hpp"
#include "gateway/http/target.hpp"

namespace gatehouse::proxy {
namespace {

/// Appends a redirect's component to `out` with its placeholders replaced (aws-alb 3.3).
void expand(std::string& out, std::string_view text, const Passage& passage) {
  const http::Request& request = passage.x.request;
  while (!text.empty()) {
    const std::size_t open = text.find("#{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name = text.substr(0, close == std::string_view::npos ? text.size() : close + 1);
    text.remove_prefix(name.size());
    if (name == "#{protocol}") out += passage.x.connection->secure ? "https" : "http";
    else if (name == "#{host}") out += http::host_without_port(request.authority);
    else if (name == "#{port}") out += passage.listener.port_text;
    else if (name == "#{path}") out += request.path.starts_with('/') ? request.path.substr(1) : request.path;
    else if (name == "#{query}") out += request.query;
    else out += name;
  }
}

/// What clients of signed URLs know from CloudFront (aws-cloudfront 15). The reason is for the operator's log alone.
Task<Try<void>> reply_access_denied(Exchange& x, http::Response& head, std::uint16_t status, std::string_view request_id) {
  constexpr std::string_view body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>\n";
  if (!request_id.empty()) head.fields.add("x-request-id", request_id);
  const OwnReply own{status, "text/xml", body};
  co_return co_await reply(x, head, own);
}

}  // namespace

http::Response& fresh_head(Exchange& x) {
  http::Response& head = x.own_reply;
  head.fields.clear();
  head.version_minor = 1;
  head.keep_alive = true;
  return head;
}

Task<Try<void>> reply(Exchange& x, http::Response& head, const OwnReply& own) {
  head.status = own.status;
  head.reason = http::status_reason(own.status);
  const bool no_content = own.status == 204 || own.status == 304;
  head.body = {no_content ? http::BodyKind::none : http::BodyKind::counted, own.body.size()};
  head.fields.add("server", "gatehouse");
  head.fields.add("date", http::date_now(x.worker.clock().wall_ns()));
  if (!own.content_type.empty()) head.fields.add("content-type", own.content_type);
  const bool bodiless = no_content || x.request.method == http::Method::head;
  const exchange::Piece content{bodiless ? std::span<const char>() : std::span(own.body.data(), own.body.size()), true};
  co_return co_await x.send_head(head, content);
}

Task<Try<void>> reply_fixed(Passage& passage, const config::FixedResponse& fixed) {
  const OwnReply own{fixed.status_code, fixed.content_type, fixed.message_body};
  co_return co_await reply(passage.x, fresh_head(passage.x), own);
}

Task<Try<void>> reply_redirect(Passage& passage, const config::Redirect& redirect) {
  constexpr std::size_t location_max = 8 * 1024;
  std::string location;
  expand(location, redirect.protocol, passage);
  location = filters::lowered(std::move(location));
  location += "://";
  expand(location, redirect.host, passage);
  location += ':';
  expand(location, redirect.port, passage);
  expand(location, redirect.path, passage);
  const std::size_t before_query = location.size();
  expand(location, redirect.query, passage);
  if (location.size() > before_query) location.insert(before_query, 1, '?');
  if (location.size() > location_max) co_return Failure{exchange::fault_of(Errc::redirect_too_long)};

  http::Response& head = fresh_head(passage.x);
  head.fields.add("location", location);
  const OwnReply own{static_cast<std::uint16_t>(redirect.status_code), {}, {}};
  co_return co_await reply(passage.x, head, own);
}

Task<Try<void>> reply_of_filter(Passage& passage, const filters::Reply& answer) {
  http::Response& head = fresh_head(passage.x);
  for (const filters::ReplyField& field : answer.fields) {
    if (!head.fields.add(field.name, field.value)) break;
  }
  if (!answer.body.empty() || answer.status < 400) {
    const OwnReply own{answer.status, answer.content_type, answer.body};
    co_return co_await reply(passage.x, head, own);
  }
  Fault fault{Errc::filter_denied, Side::client, exchange::Retry::never, answer.status};
  co_return co_await reply_fault(passage, fault);
}

Task<Try<void>> reply_fault(Passage& passage, const Fault& fault) {
  Exchange& x = passage.x;
  const std::string_view request_id = passage.request_id;
  http::Response& head = x.own_reply;
  if (fault.what != Errc::filter_denied) fresh_head(x);
  if (passage.caching && passage.caching->cloudfront()) head.fields.add("x-cache", "Error from cloudfront");
  if (fault.what == Errc::signature_refused) co_return co_await reply_access_denied(x, head, fault.status, request_id);
  char number[8];
  const auto end = std::to_chars(number, number + sizeof number, fault.status).ptr;
  const std::string_view status(number, static_cast<std::size_t>(end - number));
  const std::string_view title = http::status_reason(fault.status);
  // What a client did wrong helps it; what is wrong behind the gateway is nobody's business but the operator's.
  const bool say_why = fault.side == Side::client && fault.what != Errc::filter_denied;
  const std::string_view why = say_why ? exchange::fault_name(fault.what) : std::string_view();
  const std::string_view body = x.scratch.join(
      "<!doctype html>\n<title>", status, " ", title, "</title>\n<h1>", status, " ", title, "</h1>\n", why.empty() ? "" : "<p>Reason: ",
      why, why.empty() ? "" : "</p>\n", request_id.empty() ? "" : "<p>Request ID: ", request_id, request_id.empty() ? "" : "</p>\n");
  if (fault.status == 405) head.fields.add("allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
  if (!request_id.empty()) head.fields.add("x-request-id", request_id);
  const OwnReply own{fault.status, "text/html; charset=utf-8", body};
  co_return co_await reply(x, head, own);
}

}  // namespace gatehouse::proxy
