// Fault: why an exchange could not be carried out, as a small value that every layer passes up unchanged. Text is made
// only when it is logged. Names are stable: they appear as `reason` in the access log and as a metric's label.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::exchange {

enum class Side : std::uint8_t { client, origin, gateway };

/// Whether the request may be sent again. Decided where the error happens, obeyed in one place (proxy/forward.cpp).
enum class Retry : std::uint8_t {
  never,
  if_idempotent,  // the origin may have seen the request (RFC 9110 9.2.2)
  always,         // nothing of it was sent
};

/// What went wrong. The names in fault_name() are what users see.
enum class Errc : std::uint8_t {
  none,
  // the client's doing
  bad_request_line, bad_method, bad_target, bad_version, bad_field_name, bad_field_value, bad_line_end, obs_fold,
  missing_host, duplicate_host, bad_host, bad_content_length, duplicate_content_length, length_and_encoding,
  bad_transfer_encoding, unknown_transfer_encoding, encoding_in_http_1_0, bad_chunk, bad_trailer, bad_expect,
  bad_upgrade, request_line_too_long, field_too_large, head_too_large, too_many_fields, too_many_addresses,
  body_too_large, connect_refused_method, trace_refused_method, version_not_supported, http2_preface,
  head_timeout, client_idle, client_closed, client_reset, tls_handshake,
  // the origin's doing
  connect_failed, connect_timeout, origin_tls, origin_closed, origin_reset, origin_bad_head, origin_head_too_large,
  origin_bad_framing, origin_bad_chunk, origin_timeout, origin_idle, origin_body_short, origin_upgrade_mismatch,
  // ours
  no_route, no_endpoint, no_target_group, filter_denied, waf_denied, too_many_connections, out_of_buffers, draining, internal,
  redirect_too_long, misdirected, not_in_cache, purge_refused, https_required, method_refused, content_refused, signature_refused,
  failover_answer, replaced_by_page, stored_lost,
};
inline constexpr Errc last_errc = Errc::stored_lost;

std::string_view fault_name(Errc what) noexcept;

/// Why an exchange could not be carried out. Small and copyable; text is made when it is logged.
struct Fault {
  Errc what{};
  Side side{};                 // whose doing: decides status, metric and log level
  Retry retry{Retry::never};
  std::uint16_t status{502};
  int os_error{0};
};
static_assert(sizeof(Fault) <= 16 && std::is_trivially_copyable_v<Fault>);

/// The fault that this usually is: its side, status and retry by default. Where the circumstances decide more (a reused
/// connection, a filter's status), the caller changes the value.
Fault fault_of(Errc what) noexcept;

template <class T>
using Try = Result<T, Fault>;

}  // namespace gatehouse::exchange
