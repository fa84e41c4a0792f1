// Validation, in both directions (RFC 9111 4.3): asking the origin whether a stored response still holds, applying its 304,
// and answering a client's own conditions from a stored response. Pure; views; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/cache/stored_fields.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// The conditions to send with a request that validates a stored response; empty ones are not sent. Values as the origin
/// wrote them, so that even a malformed tag comes back as it went.
struct Conditions {
  std::string_view if_none_match;
  std::string_view if_modified_since;
  bool none() const noexcept { return if_none_match.empty() && if_modified_since.empty(); }
};
Conditions conditions_for(const http::Response& stored) noexcept;

/// RFC 9111 4.3.4: whether this 304 speaks of the stored response that was asked about. A 304 without any validator does: only
/// one response was asked about.
bool confirms(const http::Response& not_modified, const http::Response& stored) noexcept;

/// The fields of the stored response after a 304 that confirms it, written over `out` (RFC 9111 3.2): each name that the 304
/// has takes the place of the stored lines of that name, all else stays. Not taken from the 304 is what describes the content
/// as it lies here (Content-Length, Content-Encoding, Content-Range) and what ends at this hop. Age and, if the 304 has none,
/// Date are left out: they were of the old response. Views of both.
void update_fields(const http::Response& stored, const http::Response& not_modified, std::vector<StoredField>& out);

/// RFC 9111 4.3.5: whether a 200 to HEAD shows that the stored GET response is outdated.
bool head_outdates(const http::Response& head, const http::Response& stored) noexcept;

/// What a client's conditions make of an answer from the cache (RFC 9110 13.2.2).
enum class Precondition : std::uint8_t { send, not_modified, failed };

struct Evaluated {
  Precondition outcome{Precondition::send};
  bool use_range{false};  // the request has a Range and its If-Range, if any, holds
};
/// `response_ms` is when the stored response came: it stands in for a missing Date.
Evaluated evaluate(const http::Request& request, const http::Response& stored, std::int64_t response_ms) noexcept;

/// Makes the head of a stored response that of a 304: status and the fields it may have (RFC 9110 15.4.5).
void make_not_modified(http::Response& response) noexcept;

/// Whether two heads have the same strong validator: a strong entity tag, or, if neither has a tag, a Last-Modified that is
/// strong (RFC 9110 8.8.2.2). Responses without it are never put together (RFC 9111 3.4).
bool same_strong_validator(const http::Response& a, const http::Response& b) noexcept;
bool has_strong_validator(const http::Response& response) noexcept;

}  // namespace gatehouse::cache
