// make_stored(): a response's head -> the object that is stored for it: its fields, tags and selector, ready for the store.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/cache/stored_fields.hpp"
#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

/// Which fields that a response's Vary names select between the responses of its key.
enum class Selectors : std::uint8_t { all, all_but_encoding, none };

/// Under what a response is stored. Views of whoever asks.
struct StoredUnder {
  SharedCache& shared;
  cache::Key key;
  std::string_view key_text;
  std::string_view key_origin;   // scheme://authority
  const http::Request& asked;    // as the client sent it: what selects among variants
  std::uint64_t epoch{0};        // of the purges, when the request was sent
  bool part{false};              // see stored_part.hpp
  Selectors selectors{Selectors::all};
  std::string_view tag_header{};  // a field of tags beside the usual ones; empty: none
  std::string_view keyed{};      // describe_key()
};

/// `head` with these fields in place of its own, and a Date. Null when the head is too large to be packed.
cache::ObjectRef make_stored(const StoredUnder& under, const http::Response& head, std::vector<cache::StoredField>& fields,
                             const cache::Freshness& freshness, cache::BodyRef body);

/// A trailer section as a body keeps it; empty for null.
std::string trailer_lines(const http::FieldList* trailers);
/// Makes fields of such lines, which must outlive them.
void read_trailer_lines(std::string_view lines, http::FieldList& out);

/// A response that is passed on as it came, in the shape of an object that is not stored.
cache::ObjectRef make_passing(const StoredUnder& under, const http::Response& head, cache::BodyRef body);

/// Makes fields of texts: each line is written to `room`, and the views are of it.
void write_fields(const std::vector<cache::StoredField>& from, std::string& room, http::FieldList& out);

}  // namespace gatehouse::proxy
