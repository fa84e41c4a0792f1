// What is in the cache, for people: the objects of a URL with how long and why they may be used, what their keys have beside the
// URL, and why the last response was not stored; and which of them a request with certain fields would get. Control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/proxy/snapshot.hpp"

namespace gatehouse::proxy {

/// One thing beside the URL that responses are told apart by.
struct KeyedPart {
  std::string kind;  // method, header, cookie, parameter, coding
  std::string name;
  std::optional<std::string> value;  // nothing: the request has no such field
  bool operator==(const KeyedPart&) const = default;
};

struct StoredView {
  std::string listener;
  std::string url;
  std::uint16_t status{0};
  bool complete{false};
  std::uint64_t length{0};         // of the content; 0 while it is not known
  std::string state;               // fresh, stale, purged (softly), always-validate
  std::string lifetime_from;       // explicit, heuristic, none
  std::int64_t stored_at_ms{0};    // wall time
  std::int64_t age_s{0};
  std::int64_t lifetime_s{0};
  std::int64_t ttl_s{0};           // negative once it is stale
  std::int64_t stale_while_revalidate_s{0};
  std::int64_t stale_if_error_s{0};
  bool must_revalidate{false};
  std::string vary;                // names
  std::string selector;            // their values in the request that was stored
  std::vector<KeyedPart> keyed;
  std::size_t tags{0};
};

/// What a request would get of a listener's part of the cache.
struct AskedView {
  std::string listener;
  std::string behavior;  // its path pattern
  std::string policy;
  std::vector<KeyedPart> keyed;
  std::string result;    // hit, stale, revalidate, miss, pass, bypass
  std::string why;
  std::optional<std::size_t> object;  // which of the explanation's
};

struct CacheExplanation {
  std::string url;  // normalised
  std::vector<StoredView> objects;
  std::vector<AskedView> requests;  // where fields were given: one for each listener that has a behavior for the path
  std::vector<std::string> why_not;  // `LISTENER: REASON` for each listener whose last response was not stored
};

/// A URL as it stands in keys: scheme and host in lower case, no port that is the scheme's own, a path. Nothing when it is
/// no absolute http(s) URL.
std::optional<std::string> normalised_url(std::string_view text);

/// What is to be explained. The request is a GET whose client is not known: what a key has of its place is missing.
struct CacheQuestion {
  std::string_view url;
  const std::vector<std::string>* fields{nullptr};  // `Name: value`, each sound; null: no request is meant
};

/// Nothing when the configuration has no cache or the text is no URL. Looks at every stored response where a policy's key has
/// more than the URL, a shard of the store at a time.
std::optional<CacheExplanation> explain_url(const Snapshot& snapshot, const CacheQuestion& question, std::int64_t now_ms);

}  // namespace gatehouse::proxy
