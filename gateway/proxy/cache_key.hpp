// The key of a request in the cache: the listener, scheme, host, path and query, and what the behavior's policies tell
// requests apart by beside that. One thread.
#pragma once

#include <string>
#include <string_view>

#include "gateway/cache/key.hpp"
#include "gateway/cdn/viewer_headers.hpp"
#include "gateway/proxy/snapshot.hpp"

namespace gatehouse::proxy {

struct Passage;

/// `https` or `http`, as the client used it.
std::string_view scheme_of(const Passage& passage) noexcept;

/// What policies may ask about the client of the passage.
cdn::Viewer viewer_of(const Passage& passage);

/// A request as the key sees it, wherever it comes from.
struct KeyQuestion {
  const CompiledListener& listener;
  const CompiledBehavior& behavior;
  const http::Request& request;
  std::string_view scheme;
  const cdn::Viewer* viewer;  // where the policy has lists of what is in the key
};
struct RequestKey {
  cache::Key key;
  std::string_view text;   // scheme://authority/path?query; in the scratch
  cdn::Encoding encoding;
};
RequestKey request_key(const KeyQuestion& question, const cache::Secret& secret, exchange::Scratch& scratch);

/// What the key has beside the URL, for people: a line `listener NAME`, then those of cdn::describe_key() and `coding NAME`. Empty
/// where that is nothing; cut to keyed_text_max.
std::string describe_key(const KeyQuestion& question, const cdn::Encoding& encoding, exchange::Scratch& scratch);
inline constexpr std::size_t keyed_text_max = 2048;
/// That of the passage's request.
std::string describe_key(const Passage& passage, exchange::Scratch& scratch);

/// What a behavior's policies list of requests; null where only the URL and codings count.
const cdn::OriginRequestRules* key_rules(const CompiledBehavior& behavior) noexcept;

/// The first behavior of the listener whose pattern fits; null: none.
const CompiledBehavior* behavior_for(const CompiledListener& listener, std::string_view path) noexcept;

/// Makes the key of the passage's request, and what belongs to it.
void make_key(Passage& passage);

/// The key under which responses for a URL lie in a listener's part of the cache, where nothing else is told apart. `encoding`:
/// the codings that a client takes, by accept_encoding_text(), where they are in the key.
cache::Key key_of_url(const cache::Secret& secret, const CompiledListener& listener, std::string_view url, std::string_view encoding = {});

/// Calls `visit` with the keys of a URL for each set of codings that a listener tells apart.
template <class Visit>
void each_key_of_url(const cache::Secret& secret, const CompiledListener& listener, std::string_view url, Visit&& visit) {
  visit(key_of_url(secret, listener, url));
  if (!listener.keys_encoding) return;
  for (unsigned set = 1; set < 8; ++set) {
    cdn::Codings codings;
    for (unsigned coding = 1; coding < cdn::codings; ++coding) {
      if ((set >> (coding - 1) & 1) != 0) codings.insert(static_cast<cdn::Coding>(coding));
    }
    visit(key_of_url(secret, listener, url, cdn::accept_encoding_text(codings)));
  }
}

/// Where the exchange's key begins: `scheme://authority`.
std::string_view key_origin(const Passage& passage);

}  // namespace gatehouse::proxy
