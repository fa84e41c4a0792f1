#include "gateway/control_http/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/parser.hpp>
#include <memory>

#include "gateway/control_http/kept_body.hpp"
#include "gateway/control_http/read_message.hpp"

namespace gatehouse::control_http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using runtime::control_token;
using runtime::ControlTask;
using Parser = http::request_parser<KeptBody>;
using Refusal = std::optional<Response>;

std::string text_of(beast::string_view view) { return std::string(view.data(), view.size()); }

/// What a request that could not be read is told. After a timeout nobody is left to tell: Beast has closed the socket.
Refusal explain(error_code error, Responder& responder) {
  if (error == http::error::header_limit) return responder.refuse(431, "the request head is too large");
  if (error == http::error::body_limit) return responder.refuse(413, "the content is too large");
  const bool is_http = error.category() == http::make_error_code(http::error::bad_method).category();
  if (is_http && error != http::error::end_of_stream && error != http::error::partial_message) {
    return responder.refuse(400, "the request is not valid HTTP: " + error.message());
  }
  return std::nullopt;
}

Request head_of(const Parser::value_type& message, const std::string& peer) {
  Request out;
  out.method = text_of(message.method_string());
  out.target = text_of(message.target());
  out.version = message.version();
  for (const auto& field : message) out.fields.emplace_back(text_of(field.name_string()), text_of(field.value()));
  out.peer = peer;
  return out;
}

/// How an answer is written.
struct Manner {
  unsigned version{11};
  bool head_only{false};
  bool keep_alive{false};
};

std::string text_of_head(const Response& answer, const Manner& manner) {
  std::string out = manner.version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(answer.status) + ' ' + text_of(http::obsolete_reason(http::int_to_status(answer.status))) + "\r\n";
  // RFC 9112 9.3: connections of HTTP/1.1 stay open unless it is said, those of HTTP/1.0 only if it is said.
  if (!manner.keep_alive && manner.version == 11) out += "Connection: close\r\n";
  if (manner.keep_alive && manner.version == 10) out += "Connection: keep-alive\r\n";
  for (const auto& [name, value] : answer.fields) out += name + ": " + value + "\r\n";
  return out + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
}

/// One connection's state between requests.
struct Session {
  SessionSlot& slot;
  Stream& stream;
  const SessionShared& shared;
  beast::flat_buffer buffer;

  ControlTask<bool> serve_one();
  ControlTask<bool> read_content(Parser& parser);
  ControlTask<Response> ask(Request request);
  ControlTask<bool> write(const Response& answer, Manner manner);
  ControlTask<bool> refuse(Refusal answer);
};

/// Reads a request and answers it. Whether another may follow.
ControlTask<bool> Session::serve_one() {
  Parser parser;
  parser.header_limit(shared.limits.head_max);
  if (shared.limits.beyond_body_max == Beyond::cut) {
    parser.body_limit(boost::none);
    parser.get().body().bytes_max = shared.limits.body_max;
  } else {
    parser.body_limit(shared.limits.body_max);
  }
  stream.expires_after(shared.limits.request_time);
  const error_code error = co_await read_message(stream, buffer, parser, Until::head);
  if (shared.responder == nullptr) co_return false;
  if (error) co_return co_await refuse(explain(error, *shared.responder));
  Request request = head_of(parser.get(), slot.peer);
  if (Refusal no = shared.responder->screen(request); no) co_return co_await refuse(std::move(no));
  if (!co_await read_content(parser)) co_return false;
  Manner manner;
  if (shared.limits.mirror_version) manner.version = request.version;
  manner.keep_alive = parser.keep_alive();
  manner.head_only = parser.get().method() == http::verb::head;
  request.body = std::move(parser.get().body().text);
  slot.answering = true;
  const Response answer = co_await ask(std::move(request));
  manner.keep_alive = manner.keep_alive && shared.responder != nullptr;
  const bool written = co_await write(answer, manner);
  slot.answering = false;
  co_return written;
}

ControlTask<bool> Session::read_content(Parser& parser) {
  // RFC 9110 10.1.1: a client that asks first is told to go on.
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (co_await write_all(stream, go_on)) co_return false;
  }
  if (parser.is_done()) co_return true;
  const error_code error = co_await read_message(stream, buffer, parser, Until::end);
  if (shared.responder == nullptr) co_return false;
  if (error) co_return co_await refuse(explain(error, *shared.responder));
  co_return true;
}

/// Waits for the answer, which may come from a callback later.
ControlTask<Response> Session::ask(Request request) {
  const auto start = [&](auto handler) {
    // std::function wants to be copied, the handler can only be moved.
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    shared.responder->respond(std::move(request), [kept, io = stream.get_executor()](Response answer) {
      asio::post(io, [kept, answer = std::move(answer)]() mutable { std::move (*kept)(std::move(answer)); });
    });
  };
  // Named before they are awaited: style, rules for coroutines.
  auto asked = asio::async_initiate<const asio::deferred_t, void(Response)>(start, asio::deferred);
  co_return co_await std::move(asked);
}

/// Tells why and ends the connection: after an error nobody knows where the next request begins.
ControlTask<bool> Session::refuse(Refusal answer) {
  if (answer) co_await write(*answer, Manner());
  co_return false;
}

ControlTask<bool> Session::write(const Response& answer, Manner manner) {
  std::string text = text_of_head(answer, manner);
  // Of an answer to HEAD the content is left out, and its length stays (RFC 9110 9.3.2).
  if (!manner.head_only) text += answer.body;
  stream.expires_after(shared.limits.answer_time);
  const error_code error = co_await write_all(stream, text);
  co_return !error && manner.keep_alive;
}

}  // namespace

ControlTask<> run_session(SessionSlot& slot, const SessionShared& shared) {
  Stream& stream = slot.stream;
  Session session{slot, stream, shared, {}};
  while (shared.responder != nullptr && co_await session.serve_one()) {
  }
  // Lets the client read the last answer even when it had sent more than was read: a close with unread bytes resets.
  error_code ignored;
  stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  if (session.buffer.size() == 0 || shared.responder == nullptr) co_return;
  stream.expires_after(std::chrono::seconds(1));
  char rest[4096];
  co_await stream.async_read_some(asio::buffer(rest), control_token);
}

}  // namespace gatehouse::control_http
