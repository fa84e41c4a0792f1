// Caching: what the cache makes of one exchange: the policy, the key, what the request allows, and what became of it.
// Part of the passage once a behavior has matched (step 4, look up). One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/cache/cache_status.hpp"
#include "gateway/cache/key.hpp"
#include "gateway/cache/request_class.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/proxy/make_stored.hpp"
#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

struct Passage;
class Patchwork;

/// A response that goes past the cache and is stored on the way (tee_fetch.hpp).
struct Tee {
  cache::ObjectRef object;
  cache::BodyRef body;
};

/// What the cache did, for the access log and the trail.
enum class CacheResult : std::uint8_t { none, hit, stale, revalidated, miss, collapsed, bypass, pass, purged };
inline constexpr unsigned cache_results = static_cast<unsigned>(CacheResult::purged) + 1;
std::string_view cache_result_name(CacheResult result) noexcept;

struct Caching {
  Caching(const CompiledBehavior& behavior, SharedCache& shared, const http::Request& request) noexcept;
  ~Caching();

  bool cloudfront() const noexcept { return policy.policy.profile == cache::Profile::cloudfront; }

  const CompiledBehavior& behavior;
  const CompiledCachePolicy& policy;
  SharedCache& shared;
  cache::RequestClass request;
  cache::Key key;
  std::string_view key_text;   // scheme://authority/path?query; the exchange's scratch
  cdn::Encoding encoding;      // keyed where responses are told apart by the codings that a client takes
  bool shaped{false};          // the exchange's own request is what the origin is to get
  std::optional<Tee> tee;
  std::unique_ptr<Patchwork> patches;  // stored parts of the range that is asked for, where the origin is to fill a hole
  std::vector<cache::Key> outdated;  // of URLs that have become invalid: to be forgotten on disk too
  std::vector<std::string> outdated_groups;  // cache groups, by group_name(): to be purged
  cache::CacheStatus status;
  CacheResult result{CacheResult::none};
};

/// Under which name a tag is known: letter case does not count.
std::string tag_name(std::string_view tag);
/// Under which name a cache group of an origin is among the tags (RFC 9875 2: a group is of one origin).
std::string group_name(std::string_view origin, std::string_view group);

/// Whether a response has no place for what was asked, not for what lies under its URL: others may still share theirs.
bool is_for_its_request(cache::Unstorable why_not) noexcept;

/// What of a response's Vary tells stored responses apart: all that is not in the key.
Selectors selectors_of(const Caching& caching) noexcept;

/// Waits until what see_response() found invalid is forgotten, for good: groups, and URLs on disk.
runtime::Task<> forget_outdated(Passage& passage);

/// A response that goes past the cache: what it says about what is stored (RFC 9111 4.4), and what the client is told.
void see_response(Passage& passage, http::Response& head);

/// The last hand on every head that a behavior sends: Cache-Status, if the policy wants it, and what the profile and error
/// pages ask for. Texts live in the exchange's scratch.
void finish_head(Passage& passage, http::Response& head);

}  // namespace gatehouse::proxy
