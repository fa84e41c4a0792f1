// Which fields of a response are stored (RFC 9111 3.1), and what a reused response says about its age. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// One field as it is stored: views of the message it came with.
struct StoredField {
  std::string_view name;
  std::string_view value;
  http::FieldKind kind{http::FieldKind::other};
  bool operator==(const StoredField&) const = default;
};

/// The fields to store, in their order, written over `out`. http::drop_hop_by_hop() was called on the response before, so
/// what Connection names is dropped and stays out. Left out as well are Age (it is made anew), Trailer, what private="..."
/// and no-cache="..." name, and Set-Cookie where the judgement says so.
void fields_to_store(const http::Response& response, const Storing& storing, std::vector<StoredField>& out);

/// RFC 9110 6.6.1: a stored response without Date gets the one of its arrival. Whether `fields` has none.
bool lacks_date(std::span<const StoredField> fields) noexcept;

inline constexpr std::size_t age_text_size = 10;
/// The Age of a reused response (RFC 9111 4, 5.1), as text in `out`. Every response from the cache has it.
std::string_view age_text(const Freshness& freshness, std::int64_t now_ms, std::span<char, age_text_size> out) noexcept;

/// Whether a name is in a comma list of field names such as no-cache="a, b".
bool names_field(std::string_view names, std::string_view name) noexcept;

}  // namespace gatehouse::cache
