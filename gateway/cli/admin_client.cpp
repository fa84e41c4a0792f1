#include "gateway/cli/admin_client.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <optional>

#include "gateway/admin/address.hpp"
#include "gateway/control_http/read_message.hpp"

namespace gatehouse::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using runtime::control_token;
using runtime::ControlTask;
using control_http::Stream;
using Answer = Result<AdminReply, AdminError>;

constexpr std::uint64_t answer_max = 64 * 1024 * 1024;  // a status of thousands of endpoints is a few MB

AdminError cannot_connect(const AdminRequest& request, error_code error) {
  AdminError out;
  const bool refused = error == asio::error::connection_refused;
  const bool missing = error == boost::system::errc::no_such_file_or_directory;
  out.nobody = refused || missing;
  if (out.nobody) {
    out.message = "nothing listens on " + request.admin + ". Is gatehouse running? --admin names another address";
  } else if (error == boost::system::errc::permission_denied) {
    out.message = "no permission to use " + request.admin + ": it belongs to the user gatehouse runs as";
  } else {
    out.message = "cannot connect to " + request.admin + ": " + error.message();
  }
  return out;
}

AdminError broken(const AdminRequest& request, error_code error) {
  AdminError out;
  if (error == beast::error::timeout) {
    out.message = "no answer from " + request.admin + " within " + std::to_string(request.timeout.count()) + " ms";
  } else if (error == beast::http::error::end_of_stream) {
    out.message = request.admin + " closed the connection without an answer";
  } else if (error == beast::http::error::partial_message) {
    out.message = request.admin + " closed the connection before its answer was whole";
  } else if (error.category() == beast::http::make_error_code(beast::http::error::bad_version).category()) {
    out.message = "what listens on " + request.admin + " does not speak HTTP: is it gatehouse's admin address?";
  } else {
    out.message = "the connection to " + request.admin + " broke: " + error.message();
  }
  return out;
}

std::string text_of(const AdminRequest& request, const admin::AdminAddress& address) {
  std::string out = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: " + address.host + "\r\nConnection: close\r\n";
  if (!request.body.empty()) out += "Content-Type: application/json\r\n";
  // RFC 9110 8.6: a request whose method foresees content says that there is none.
  if (!request.body.empty() || request.method == "POST") out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return out + "\r\n" + request.body;
}

AdminReply to_reply(beast::http::response<beast::http::string_body>& message) {
  AdminReply reply;
  reply.status = message.result_int();
  const auto type = message[beast::http::field::content_type];
  reply.content_type.assign(type.data(), type.size());
  reply.body = std::move(message.body());
  return reply;
}

ControlTask<> exchange(Stream& stream, const AdminRequest& request, const admin::AdminAddress& address,
                       std::optional<Answer>& out) {
  stream.expires_after(request.timeout);
  const auto [no_connection] = co_await stream.async_connect(address.endpoint, control_token);
  if (no_connection) {
    out.emplace(Failure{cannot_connect(request, no_connection)});
    co_return;
  }
  const std::string message = text_of(request, address);
  // A server that refuses early may close while this is written; its answer can still be read.
  co_await control_http::write_all(stream, message);
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(answer_max);
  const error_code error = co_await control_http::read_message(stream, buffer, parser, control_http::Until::end);
  if (error) {
    out.emplace(Failure{broken(request, error)});
  } else {
    out.emplace(to_reply(parser.get()));
  }
}

}  // namespace

Answer ask_admin(const AdminRequest& request) {
  const auto address = admin::parse_address(request.admin);
  if (!address) {
    AdminError wrong;
    wrong.usage = true;
    wrong.message = address.error();
    return Failure{wrong};
  }
  asio::io_context io;
  Stream stream(io);
  std::optional<Answer> outcome;
  runtime::start_control_task(io, "admin client", [&] { return exchange(stream, request, *address, outcome); });
  io.run();
  if (outcome) return *std::move(outcome);
  AdminError failed;
  failed.message = "the request to " + request.admin + " could not be made";
  return Failure{failed};
}

std::string explain_reply(const AdminReply& reply) {
  boost::json::error_code error;
  const auto document = boost::json::parse(reply.body, error);
  if (!error && document.is_object()) {
    const auto* const detail = document.get_object().if_contains("detail");
    if (detail != nullptr && detail->is_string()) return std::string(detail->get_string());
  }
  return "the gateway answered " + std::to_string(reply.status);
}

}  // namespace gatehouse::cli
