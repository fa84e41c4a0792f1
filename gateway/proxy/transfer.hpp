// Step 7, relay: one request goes up to an origin while its response comes down, both in constant memory and at the
// pace of the slower side. The request's content runs beside the response, so that an origin may answer early
// (RFC 9112 9.5).
#pragma once

#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/splice.hpp"

namespace gatehouse::proxy {

/// What the relay needs beside the passage.
struct Transfer {
  Passage& passage;
  exchange::Fetch& fetch;
  PipePool& pipes;
  exchange::Piece first;   // the request's content at hand
  std::string_view host;   // to send; empty: as the client sent it
};

/// Sends the request and relays the response. Until the reply has started a failure may be tried elsewhere; after it
/// the exchange is aborted and the fault only says why.
Task<Try<void>> transfer(const Transfer& transfer);

/// Whether a method's request may go to another origin when one fails (aws-cloudfront 13).
constexpr bool fails_over(http::Method method) noexcept {
  return method == http::Method::get || method == http::Method::head || method == http::Method::options;
}

/// A response from its head on, whose content begins with `first` and comes from the transfer's fetch: the web ACL sees
/// it, the client gets it.
Task<Try<void>> relay_response(const Transfer& transfer, http::Response& head, exchange::Piece first);

}  // namespace gatehouse::proxy
