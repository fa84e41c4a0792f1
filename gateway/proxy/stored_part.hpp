// Stored parts: responses of status 206 (RFC 9111 3.3, 3.4). Each part of a URL is kept under a key of its own kind, beside
// the whole response if there is one, and is told from the others by the Range it was the answer to. A part answers the very
// same Range again, and every range that lies within it, unless its Content-Range and its length disagree. Parts with the
// same strong validator that hold the whole together become a whole response.
#pragma once

#include "gateway/cache/partial.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

/// Under which key the parts of a URL are.
constexpr cache::Key part_key(const cache::Key& whole) noexcept { return {whole.a, ~whole.b}; }

/// The selector of a part: the variant's, and the Range it answers.
std::string part_selector(std::string_view selector, const http::Request& asked);

/// Whether a 206 may be stored: as a part, or, with a Content-Range that cannot be true, for the very same Range alone.
bool may_store_part(const cache::Storing& storing, const http::Request& asked, const http::Response& head) noexcept;

/// Whether the request may have content of a part without asking the origin: it is fresh, complete, and of its variant.
bool is_usable_part(const Passage& passage, const cache::Object& part, std::int64_t now_ms);

/// A part that answers the passage's request, fresh.
cache::ObjectRef find_part(const Passage& passage, std::int64_t now_ms);

/// Makes the head in own_reply, which is the part's, that of the answer. What of the part's content belongs to it.
http::ByteRange cut_part(Passage& passage, const cache::Object& part, http::Response& head);

/// The whole response that the parts of a URL make together with the one that has just been stored and is complete; null when
/// they do not.
cache::ObjectRef join_parts(cache::Store& store, const cache::Object& added, const cache::Key& whole, runtime::Worker& worker);

}  // namespace gatehouse::proxy
