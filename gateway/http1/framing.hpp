// How a message's content ends (RFC 9112 6.3), whether the connection lives on (9.3), and what Expect and Upgrade ask.
// Everything that smuggling lives on is decided here and nowhere else. Any doubt is a refusal. Pure.
#pragma once

#include <string_view>

#include "gateway/exchange/fault.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::http1 {

using exchange::Errc;

/// What is wrong, and with which field (null: with none in particular).
struct FramingProblem {
  Errc what{Errc::none};
  const http::Field* field{nullptr};
};

/// Sets body, keep_alive and expects_continue of a request whose fields are complete.
FramingProblem frame_request(http::Request& request) noexcept;
/// Sets body and keep_alive of a response. What comes after 101 is not HTTP, so it has no content here.
FramingProblem frame_response(http::Response& response, http::Method method) noexcept;

/// A Content-Length value: digits only, below 2^63. Else bad_content_length, or duplicate_content_length for a list.
Errc parse_content_length(std::string_view value, std::uint64_t& length) noexcept;

}  // namespace gatehouse::http1
