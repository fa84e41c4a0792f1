// What an origin is told about the client and the way here: Host, X-Forwarded-*, Via, X-Amzn-Trace-Id, X-Request-Id
// (aws-alb 4.1). Fields that the client sent under these names are replaced unless a trusted proxy sent them; what is
// only for this connection is dropped.
#include <algorithm>

#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/joined.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/hex.hpp"
#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

using http::FieldKind;

constexpr std::size_t trace_field_max = 7 * 1024;  // aws-alb 4.1: longer ones are rewritten with only a Root

/// `1-<8 hex of the time>-<24 hex>`
std::string_view new_trace(Passage& passage, runtime::Random& random, std::uint64_t wall_ns) {
  const std::span<char> room = passage.x.scratch.take(35);
  char* at = room.data();
  *at++ = '1';
  *at++ = '-';
  at = put_hex<8>(at, wall_ns / 1'000'000'000u);
  *at++ = '-';
  at = put_hex<16>(at, random.next());
  put_hex<8>(at, random.next());
  return {room.data(), room.size()};
}

/// The trace's parts but for Self, which is this hop's to say.
std::string_view without_self(Passage& passage, std::string_view trace) {
  if (trace.find("Self=") == std::string_view::npos) return trace;
  http::Joined kept(passage.x.scratch.take(trace.size()), ";");
  while (!trace.empty()) {
    const std::size_t end = std::min(trace.size(), trace.find(';'));
    const std::string_view part = http::trim(trace.substr(0, end));
    trace.remove_prefix(std::min(trace.size(), end + 1));
    if (!part.empty() && !part.starts_with("Self=")) kept.add(part);
  }
  return kept.text();
}

void trace(Passage& passage, runtime::Random& random, std::uint64_t wall_ns) {
  http::FieldList& fields = passage.x.request.fields;
  const http::Field* const given = fields.first(FieldKind::x_amzn_trace_id);
  const std::string_view fresh = new_trace(passage, random, wall_ns);
  std::string_view value;
  if (given != nullptr && given->value().size() <= trace_field_max && given->value().find("Root=") != std::string_view::npos) {
    value = passage.x.scratch.join("Self=", fresh, ";", without_self(passage, given->value()));
  } else {
    value = passage.x.scratch.join("Root=", fresh);
  }
  fields.drop(FieldKind::x_amzn_trace_id);
  fields.add("X-Amzn-Trace-Id", value);
}

/// The addresses that the client's X-Forwarded-For fields have, then `last`.
std::string_view behind_earlier(Passage& passage, std::string_view last) {
  constexpr std::string_view separator = ", ";
  std::size_t size = last.size();
  for (const http::Field& field : passage.x.request.fields.all()) {
    if (field.kind == FieldKind::x_forwarded_for) size += field.value().size() + separator.size();
  }
  http::Joined addresses(passage.x.scratch.take(size), separator);
  for (const http::Field& field : passage.x.request.fields.all()) {
    if (field.kind == FieldKind::x_forwarded_for && !field.value().empty()) addresses.add(field.value());
  }
  addresses.add(last);
  return addresses.text();
}

/// RFC-less but universal: the addresses so far, then the peer that sent this request.
void forwarded_for(Passage& passage, const config::ForwardedHeaders& settings) {
  http::FieldList& fields = passage.x.request.fields;
  if (settings.x_forwarded_for == config::ForwardedFor::preserve) return;
  const exchange::Connection& connection = *passage.x.connection;
  std::string_view peer = connection.peer_text();
  if (settings.client_port) peer = connection.peer.write(passage.x.scratch.take(net::Address::text_max));
  if (settings.x_forwarded_for == config::ForwardedFor::append && fields.has(FieldKind::x_forwarded_for)) {
    peer = behind_earlier(passage, peer);
  }
  fields.drop(FieldKind::x_forwarded_for);
  if (settings.x_forwarded_for != config::ForwardedFor::remove) fields.add("X-Forwarded-For", peer);
}

void replace(Passage& passage, FieldKind kind, std::string_view name, std::string_view value) {
  http::FieldList& fields = passage.x.request.fields;
  if (passage.client_trusted && fields.has(kind)) return;
  fields.drop(kind);
  fields.add(name, value);
}

/// aws-alb 4.1, "Host": lower case; the port follows the listener's unless hosts are preserved.
std::string_view host_to_send(Passage& passage) {
  const http::Request& request = passage.x.request;
  const CompiledListener& listener = passage.listener;
  // RFC 9112 3.2.2: an absolute-form target's authority replaces Host, so it is what there is to preserve.
  if (listener.config->forwarded_headers.preserve_host) return request.absolute_form ? request.authority : std::string_view();
  const std::string_view name = http::host_without_port(request.authority);
  const bool has_port = name.size() < request.authority.size();
  const std::string_view kept = listener.default_port ? name : request.authority;
  const bool add_port = !listener.default_port && !has_port && !kept.empty();
  const std::string_view port = add_port ? listener.port_text : std::string_view();
  const std::span<char> room = passage.x.scratch.take(kept.size() + port.size() + 1);
  std::size_t size = 0;
  for (const char c : kept) room[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  if (add_port) {
    room[size++] = ':';
    for (const char c : port) room[size++] = c;
  }
  return {room.data(), size};
}

}  // namespace

std::string_view Proxy::prepare_request(Passage& passage) {
  http::FieldList& fields = passage.x.request.fields;
  const config::ForwardedHeaders& settings = passage.listener.config->forwarded_headers;
  http::drop_hop_by_hop(passage.x.request);
  fields.drop(FieldKind::expect);  // answered here (RFC 9110 10.1.1)
  forwarded_for(passage, settings);
  replace(passage, FieldKind::x_forwarded_proto, "X-Forwarded-Proto", passage.x.connection->secure ? "https" : "http");
  replace(passage, FieldKind::x_forwarded_port, "X-Forwarded-Port", passage.listener.port_text);
  fields.drop(FieldKind::x_request_id);
  fields.add("X-Request-Id", passage.request_id);
  trace(passage, worker_.random(), worker_.clock().wall_ns());
  // RFC 9110 7.6.3: a gateway says in each request that it passed through here, and in which version it came.
  fields.add("Via", passage.x.request.version_minor == 0 ? "1.0 gatehouse" : "1.1 gatehouse");
  return host_to_send(passage);
}

}  // namespace gatehouse::proxy
