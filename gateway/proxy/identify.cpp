// Step 1, identify: whom the exchange is with and what it is called. The client is the TCP peer unless that is a trusted
// proxy; then it is the nearest address of X-Forwarded-For that is not one. Ids are kept when a trusted proxy gave
// them, else made.
#include <array>

#include "gateway/http/list.hpp"
#include "gateway/http/path.hpp"
#include "gateway/proxy/hex.hpp"
#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

constexpr std::size_t forwarded_addresses_max = 30;  // aws-alb 8: more are answered 463
constexpr std::size_t request_id_max = 128;

/// An id from outside must not be able to forge a log line or a header.
bool sound_id(std::string_view id) noexcept {
  if (id.empty() || id.size() > request_id_max) return false;
  for (const char c : id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '-' && c != '_' && c != '.' && c != '=' && c != ':' && c != '/' && c != '+') return false;
  }
  return true;
}

/// The addresses of all X-Forwarded-For fields in order; false when there are too many.
struct ForwardedFor {
  std::array<std::string_view, forwarded_addresses_max> addresses;
  std::size_t count{0};

  bool read(const http::FieldList& fields) noexcept {
    for (const http::Field& field : fields.all()) {
      if (field.kind != http::FieldKind::x_forwarded_for) continue;
      for (http::ListItems items(field.value()); items.next();) {
        if (count == addresses.size()) return false;
        addresses[count++] = items.item();
      }
    }
    return true;
  }
};

}  // namespace

Try<void> Proxy::identify(Passage& passage) {
  Exchange& x = passage.x;
  const exchange::Connection& connection = *x.connection;
  passage.client_text = connection.peer_text();
  name_request(passage);
  if (http::has_dot_segments(x.request.path)) {
    const std::span<char> room = x.scratch.take(x.request.path.size());
    x.request.path = http::resolve_dot_segments(x.request.path, room);
  }
  if (x.request.fields.has(http::FieldKind::x_forwarded_for)) {
    ForwardedFor forwarded;
    if (!forwarded.read(x.request.fields)) return Failure{exchange::fault_of(Errc::too_many_addresses)};
    if (passage.client_trusted) {
      // From the right: each trusted proxy vouches for the address to its left.
      for (std::size_t i = forwarded.count; i-- > 0;) {
        const auto address = net::Address::parse(forwarded.addresses[i]);
        if (!address) break;
        passage.forwarded_client = *address;
        if (!passage.listener.trusted_proxies.contains(address->ip())) break;
      }
      passage.client_text = passage.client().write_ip(x.scratch.take(net::Address::text_max));
    }
  }
  x.trail.note(x.trail.last_ns(), Decision::identified, 0, passage.client_trusted ? 1 : 0);
  return {};
}

void Proxy::name_request(Passage& passage) {
  Exchange& x = passage.x;
  const filters::IpSet& trusted = passage.listener.trusted_proxies;
  passage.client_trusted = !trusted.empty() && trusted.contains(x.connection->peer.ip());
  if (const http::Field* given = x.request.fields.first(http::FieldKind::x_request_id)) {
    if (passage.client_trusted && sound_id(given->value())) {
      passage.request_id = given->value();
      return;
    }
  }
  const std::span<char> room = x.scratch.take(32);
  char* const end = put_hex<16>(put_hex<16>(room.data(), worker_.random().next()), worker_.random().next());
  passage.request_id = {room.data(), static_cast<std::size_t>(end - room.data())};
}

}  // namespace gatehouse::proxy
