// What of a head ends at this gateway (RFC 9110 7.6.1) and is therefore marked as dropped, in both directions:
//
// - Connection, Keep-Alive, Proxy-Connection, TE, Transfer-Encoding, Upgrade and HTTP2-Settings, always. Whoever wants
//   to switch protocols looks at Upgrade first and adds what belongs to the other side.
// - Proxy-Authenticate, Proxy-Authorization and Proxy-Authentication-Info: they speak to a proxy that the client chose
//   (RFC 9110 11.7). A gateway stands for the origin and is none, so nobody behind or before it should see them.
// - Trailer, unless the content is chunked: only then can the trailer section it announces be forwarded.
// - Every field that Connection names, but not those that are meant for the whole chain. RFC 9110 7.6.1 forbids
//   senders to name them, and `Connection: Host`, `Connection: X-Forwarded-For` or `Connection: Cookie` are known ways
//   to strip what an origin or this gateway relies on. Such an option is ignored: the field stays. Protected are all
//   fields with a FieldKind that is not hop-by-hop, and the names that tell an origin about its client
//   (x-forwarded-*, x-amzn-*, x-real-ip, ...; the list is in the source).
//
// Fields that the gateway adds are never touched. Pure.
#pragma once

#include "gateway/http/message.hpp"

namespace gatehouse::http {

void drop_hop_by_hop(Request& request) noexcept;
void drop_hop_by_hop(Response& response) noexcept;

/// Whether any of the fields of this kind, all lists of tokens, has that token (letter case ignored).
bool any_list_has(const FieldList& fields, FieldKind kind, std::string_view token) noexcept;

/// Whether the sender says with TE that it takes trailer fields (RFC 9110 10.1.4). Ask before dropping; it reads
/// dropped fields as well, so after is fine too.
bool accepts_trailers(const FieldList& fields) noexcept;

/// Whether a trailer section may hold this field. Refused is what decides framing, routing, authentication, how
/// content is read or what the reply is (RFC 9110 6.5.1): a receiver may merge trailers into the head.
bool allowed_in_trailer(const Field& field) noexcept;

}  // namespace gatehouse::http
