// What is in the cache, for people: the objects of a URL with how long and why they may be used, and why the last response
// was not stored; numbers of the whole. Control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/proxy/snapshot.hpp"

namespace gatehouse::proxy {

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
  std::size_t tags{0};
};

struct CacheExplanation {
  std::string url;  // normalised
  std::vector<StoredView> objects;
  std::vector<std::string> why_not;  // `LISTENER: REASON` for each listener whose last response was not stored
};

/// A URL as it stands in keys: scheme and host in lower case, no port that is the scheme's own, a path. Nothing when it is
/// no absolute http(s) URL.
std::optional<std::string> normalised_url(std::string_view text);

/// Nothing when the configuration has no cache or the text is no URL.
std::optional<CacheExplanation> explain_url(const Snapshot& snapshot, std::string_view url, std::int64_t now_ms);

}  // namespace gatehouse::proxy
