// Whether a request carries a valid signature of a trusted key, in its query (signed URL) or in its cookies (aws-cloudfront
// 15 to 17), and what the request is without it: neither the cache's key nor the origin sees it. Pure: the time is
// handed in. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/address.hpp"
#include "gateway/http/field.hpp"
#include "gateway/tls/signature.hpp"

namespace gatehouse::cdn {

struct TrustedKey {
  std::string id;
  std::shared_ptr<const tls::PublicKey> key;
};

/// The keys of all key groups that a behavior trusts: at most 20.
struct TrustedKeys {
  std::vector<TrustedKey> keys;

  const tls::PublicKey* find(std::string_view id) const noexcept;
};

/// The request as its viewer sent it.
struct SignedRequest {
  std::string_view scheme;     // http or https
  std::string_view authority;  // host and port as the viewer used them
  std::string_view path;
  std::string_view query;
  bool has_query{false};
  const http::FieldList& fields;
  filters::Address client;
  std::int64_t now_s;
};

/// Why a request is refused, or `allowed`.
enum class SignatureVerdict : std::uint8_t {
  allowed,
  missing,         // neither the query nor the cookies have any part of a signature
  unknown_key,     // Key-Pair-Id is of no trusted key group
  bad_signature,   // not by that key over that policy
  expired,
  not_yet,
  wrong_address,
  wrong_resource,
  malformed,       // parts are missing, doubled or not what they have to be
};
/// `signature_expired` and so on, static text; for the access log.
std::string_view signature_reason(SignatureVerdict verdict) noexcept;

/// A query with any of Expires, Policy, Signature and Key-Pair-Id is judged as a signed URL, and the cookies are not looked
/// at then. Signatures are checked before anything of a policy is believed.
SignatureVerdict check(const TrustedKeys& keys, const SignedRequest& request);

/// Whether the query has a part of a signature.
bool has_signature(std::string_view query) noexcept;
/// The query without the parts of a signature, in `room`, which has the query's size; the query itself when it has none.
std::string_view without_signature(std::string_view query, std::span<char> room) noexcept;

/// Whether a Cookie field's value has a cookie of CloudFront's.
bool has_signature_cookie(std::string_view value) noexcept;
/// A Cookie field's value without them, in `room`, which has the value's size.
std::string_view without_signature_cookies(std::string_view value, std::span<char> room) noexcept;

}  // namespace gatehouse::cdn
