// Field: the typed parts of a request or response that rules look at, whatever language the rules are written in. Most
// are lists of (key, text) members; a single text such as the method is a list of one with an empty key. FieldSet is a
// set of them in one word, so that ARGS is simply {args_get, args_post}.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::filters {

enum class Field : std::uint8_t {
  // the request's head
  request_line,
  request_method,
  request_protocol,
  request_uri,
  request_uri_raw,
  request_filename,
  request_basename,
  query_string,
  request_headers,
  request_headers_names,
  request_cookies,
  request_cookies_names,
  args_get,
  args_get_names,
  remote_addr,
  server_name,
  unique_id,
  // the request's body
  args_post,
  args_post_names,
  args_combined_size,
  request_body,
  request_body_length,
  reqbody_processor,
  reqbody_error,
  reqbody_error_msg,
  body_limit_flags,  // keys: INBOUND, OUTBOUND
  files,
  files_names,
  files_sizes,
  files_tmpnames,
  files_tmp_content,
  files_combined_size,
  multipart_part_headers,
  multipart_flags,  // keys: STRICT_ERROR, UNMATCHED_BOUNDARY, BOUNDARY_QUOTED ...
  xml_text,
  xml_attributes,
  urlencoded_error,
  // the response
  response_status,
  response_protocol,
  response_headers,
  response_headers_names,
  response_content_type,
  response_content_length,
  response_body,
  // what evaluation itself makes
  tx,
  matched_var,
  matched_var_name,
  matched_vars,
  matched_vars_names,
  rule,  // keys: id, msg, severity, logdata, rev
  highest_severity,
  duration,
  clock,  // keys: EPOCH, DAY, HOUR, MIN, MON, SEC, WDAY, YEAR
  env,
  geo,
  // collections that outlive the request
  ip,
  global,
  session,
  user,
  resource,
};
inline constexpr unsigned field_count = static_cast<unsigned>(Field::resource) + 1;
static_assert(field_count <= 64);

using FieldSet = std::uint64_t;

template <class... Each>
constexpr FieldSet fields(Each... each) noexcept {
  return (FieldSet{0} | ... | (FieldSet{1} << static_cast<unsigned>(each)));
}
constexpr bool holds(FieldSet set, Field field) noexcept { return (set >> static_cast<unsigned>(field) & 1) != 0; }

/// The first member of a set that is not empty. A set's members: for (FieldSet rest = set; rest != 0; rest &= rest - 1).
constexpr Field first_field(FieldSet set) noexcept { return static_cast<Field>(__builtin_ctzll(set)); }

/// The name that rules call a collection by.
std::string_view collection_name(Field collection) noexcept;

/// Kept between requests, by a store of the host program.
inline constexpr FieldSet persistent_fields = fields(Field::ip, Field::global, Field::session, Field::user, Field::resource);
/// Made while rules run, so they cannot be looked at ahead of them.
inline constexpr FieldSet running_fields =
    fields(Field::tx, Field::matched_var, Field::matched_var_name, Field::matched_vars, Field::matched_vars_names,
           Field::rule, Field::highest_severity, Field::duration, Field::clock, Field::env, Field::geo,
           Field::reqbody_processor) |
    persistent_fields;
/// Of the response.
inline constexpr FieldSet response_fields =
    fields(Field::response_status, Field::response_protocol, Field::response_headers, Field::response_headers_names,
           Field::response_content_type, Field::response_content_length, Field::response_body);

}  // namespace gatehouse::filters
