#include "gateway/admin/session.hpp"

#include <boost/asio/compose.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/span_body.hpp>
#include <memory>
#include <tuple>

#include "gateway/admin/api.hpp"

namespace gatehouse::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using runtime::control_token;
using runtime::ControlTask;
using Parser = http::request_parser<http::string_body>;

std::string text_of(beast::string_view view) { return std::string(view.data(), view.size()); }

/// What a request that could not be read is told; status 0: nobody is left to tell. After a timeout nobody is: Beast
/// has closed the socket.
Answer explain(error_code error) {
  if (error == http::error::header_limit) return problem(431, "the request head is too large");
  if (error == http::error::body_limit) return problem(413, "the content is too large");
  const bool is_http = error.category() == http::make_error_code(http::error::bad_method).category();
  if (is_http && error != http::error::end_of_stream && error != http::error::partial_message) {
    return problem(400, "the request is not valid HTTP: " + error.message());
  }
  Answer nobody;
  nobody.status = 0;
  return nobody;
}

Request to_request(http::request<http::string_body>& message) {
  Request out;
  out.method = text_of(message.method_string());
  out.target = text_of(message.target());
  out.host = text_of(message[http::field::host]);
  if (message.count(http::field::origin) != 0) out.origin = text_of(message[http::field::origin]);
  out.fetch_site = text_of(message["Sec-Fetch-Site"]);
  out.content_type = text_of(message[http::field::content_type]);
  out.body = std::move(message.body());
  return out;
}

/// What of a head is refused before its content is read; status 0: nothing.
Answer screen_head(const http::request<http::string_body>& message) {
  // A request without exactly one Host is not valid (RFC 9112 3.2), and with two Origins one could hide.
  if (message.count(http::field::host) != 1) return problem(400, "the request must have one Host");
  if (message.count(http::field::origin) > 1) return problem(400, "the request has several Origins");
  // Chunked content has trailers, which cost memory outside every limit. No client of this API needs it.
  if (message.count(http::field::transfer_encoding) != 0) return problem(411, "the content must have a Content-Length");
  Answer fine;
  fine.status = 0;
  return fine;
}

/// One connection's state between requests.
struct Session {
  SessionSlot& slot;
  SessionStream& stream;
  const SessionShared& shared;
  beast::flat_buffer buffer;

  ControlTask<bool> serve_one();
  ControlTask<bool> read_content(Parser& parser);
  ControlTask<Answer> ask(const Request& request);
  ControlTask<bool> write(const Answer& answer, bool head_only, bool keep_alive);
  ControlTask<bool> refuse(const Answer& answer);
};

/// Reads a request and answers it. Whether another may follow.
ControlTask<bool> Session::serve_one() {
  Parser parser;
  parser.header_limit(shared.limits.head_max);
  parser.body_limit(shared.limits.body_max);
  stream.expires_after(shared.limits.request_time);
  const auto [error, size] = co_await http::async_read_header(stream, buffer, parser, control_token);
  if (shared.control == nullptr) co_return false;
  if (error) co_return co_await refuse(explain(error));
  if (const Answer no = screen_head(parser.get()); no.status != 0) co_return co_await refuse(no);
  if (!co_await read_content(parser)) co_return false;
  const bool keep_alive = parser.keep_alive();
  const bool head_only = parser.get().method() == http::verb::head;
  const Request request = to_request(parser.get());
  slot.answering = true;
  const Answer answer = co_await ask(request);
  const bool written = co_await write(answer, head_only, keep_alive && shared.control != nullptr);
  slot.answering = false;
  co_return written;
}

ControlTask<bool> Session::read_content(Parser& parser) {
  // RFC 9110 10.1.1: a client that asks first is told to go on.
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    const auto [error, size] = co_await http::async_write(stream, go_on, control_token);
    if (error) co_return false;
  }
  if (parser.is_done()) co_return true;
  const auto [error, size] = co_await http::async_read(stream, buffer, parser, control_token);
  if (shared.control == nullptr) co_return false;
  if (error) co_return co_await refuse(explain(error));
  co_return true;
}

/// Waits for the answer, which may come from a callback later (reload).
ControlTask<Answer> Session::ask(const Request& request) {
  const auto start = [&](auto handler) {
    // std::function wants to be copied, the handler can only be moved.
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    respond(request, shared.rules, *shared.control, [kept, io = stream.get_executor()](Answer answer) {
      asio::post(io, [kept, answer = std::move(answer)]() mutable { std::move (*kept)(std::move(answer)); });
    });
  };
  // Named before they are awaited: style, rules for coroutines.
  auto asked = asio::async_initiate<const asio::deferred_t, void(Answer)>(start, asio::deferred);
  co_return co_await std::move(asked);
}

/// Tells why and ends the connection: after an error nobody knows where the next request begins.
ControlTask<bool> Session::refuse(const Answer& answer) {
  if (answer.status != 0) co_await write(answer, false, false);
  co_return false;
}

ControlTask<bool> Session::write(const Answer& answer, bool head_only, bool keep_alive) {
  http::response<http::span_body<const char>> response;
  response.result(answer.status);
  response.version(11);
  response.keep_alive(keep_alive);
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : answer.fields) response.set(name, value);
  response.content_length(answer.body.size());
  if (!head_only) response.body() = {answer.body.data(), answer.body.size()};
  http::response_serializer<http::span_body<const char>> serializer(response);
  stream.expires_after(shared.limits.answer_time);
  error_code failed;
  if (head_only) {
    const auto [error, size] = co_await http::async_write_header(stream, serializer, control_token);
    failed = error;
  } else {
    const auto [error, size] = co_await http::async_write(stream, serializer, control_token);
    failed = error;
  }
  co_return !failed && keep_alive;
}

}  // namespace

ControlTask<> run_session(SessionSlot& slot, const SessionShared& shared) {
  SessionStream& stream = slot.stream;
  Session session{slot, stream, shared, {}};
  while (shared.control != nullptr && co_await session.serve_one()) {
  }
  // Lets the client read the last answer even when it had sent more than was read: a close with unread bytes resets.
  error_code ignored;
  stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  if (session.buffer.size() == 0 || shared.control == nullptr) co_return;
  stream.expires_after(std::chrono::seconds(1));
  char rest[4096];
  co_await stream.async_read_some(asio::buffer(rest), control_token);
}

}  // namespace gatehouse::admin
