// What of a client's request goes to the origin under a cache policy and an origin request policy, and what of it is in the
// key (aws-cloudfront: cache key, origin requests). The two stand together, since nothing may reach an origin of a cacheable
// request that is neither in the key nor harmless. Pure; rules are made with the snapshot and shared by all workers.
//
// Where Amazon forwards every header that it has no rule for, a request whose response may be stored carries only what a
// policy names: what an origin makes of an unkeyed header would be everybody's (docs/aws-differences.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/cache/key.hpp"
#include "gateway/cache/policy.hpp"
#include "gateway/cdn/accept_encoding.hpp"
#include "gateway/cdn/viewer_headers.hpp"
#include "gateway/exchange/scratch.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cdn {

struct OriginRequestRules {
  bool cloudfront{false};         // false: profile rfc9111 with an origin request policy, which has no lists in its key
  bool options_cached{false};
  cache::NameList key_headers;    // of the cache policy
  cache::NameList key_cookies;
  cache::NameList key_queries;
  cache::NameList headers;        // of the origin request policy
  cache::NameList cookies;
  cache::NameList queries;
  std::vector<ViewerHeader> viewer_headers;  // those that either names
};

/// The client's Accept-Encoding, where responses are told apart by the codings that it takes.
struct Encoding {
  bool keyed{false};
  Codings codings;
};

/// The parameters of the query that are in the key, and that the origin gets as well.
std::string_view query_in_key(const OriginRequestRules& rules, const http::Request& request, exchange::Scratch& scratch);

/// Adds to a key what the cache policy lists: header fields, cookies, and OPTIONS, which is kept apart.
void add_to_key(const OriginRequestRules& rules, const Viewer& viewer, exchange::Scratch& scratch, cache::KeyMaker& key);

/// The same for people, a line each: `method OPTIONS`, `header NAME: VALUE`, `header NAME` for one that is missing, `cookie NAME=VALUE`.
void describe_key(const OriginRequestRules& rules, const Viewer& viewer, exchange::Scratch& scratch, std::string& out);

/// Makes a keyed Accept-Encoding what the key says (aws-cloudfront 3).
void shape_accept_encoding(const Encoding& encoding, http::Request& request);

/// What decides how a request reaches its origin.
struct Shaping {
  const OriginRequestRules& rules;
  const Encoding& encoding;
  bool storable;         // the response may be stored for others
  const Viewer& viewer;  // its request may be the very one that is shaped
};
/// Makes `request` what the origin is to get.
void shape_origin_request(const Shaping& shaping, http::Request& request, exchange::Scratch& scratch);

}  // namespace gatehouse::cdn
