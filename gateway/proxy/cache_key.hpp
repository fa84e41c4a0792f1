// The key of a request in the cache: the listener, scheme, host, path and query, and what the behavior's policies tell
// requests apart by beside that. One thread.
#pragma once

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
