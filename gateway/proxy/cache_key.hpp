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

/// The key under which responses for a URL lie in a listener's part of the cache. `coding`: the content coding that the response
/// is made for, where a behavior compresses; else empty.
cache::Key key_of_url(const cache::Secret& secret, const CompiledListener& listener, std::string_view url, std::string_view coding = {});

/// Calls `visit` with the key of each coding of a URL that a listener may have stored.
template <class Visit>
void each_key_of_url(const cache::Secret& secret, const CompiledListener& listener, std::string_view url, Visit&& visit) {
  visit(key_of_url(secret, listener, url));
  if (!listener.compresses) return;
  for (unsigned coding = 1; coding < cdn::codings; ++coding) {
    visit(key_of_url(secret, listener, url, cdn::coding_name(static_cast<cdn::Coding>(coding))));
  }
}

/// Where the exchange's key begins: `scheme://authority`.
std::string_view key_origin(const Passage& passage);

}  // namespace gatehouse::proxy
