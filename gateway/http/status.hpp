// Reason phrases of status codes (RFC 9110 15 and the IANA registry; 46x and 56x as AWS load balancers use them).
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::http {

/// The usual phrase, or "" for a code that has none. Static text.
std::string_view status_reason(std::uint16_t status) noexcept;

/// Whether a response of this status never has content, whatever its fields say (RFC 9110 15.2, 15.3.5, 15.4.5).
constexpr bool status_forbids_content(std::uint16_t status) noexcept {
  return (status >= 100 && status < 200) || status == 204 || status == 304;
}

}  // namespace gatehouse::http
