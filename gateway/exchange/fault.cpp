#include "gateway/exchange/fault.hpp"

namespace gatehouse::exchange {
namespace {

struct Row {
  std::string_view name;
  Side side;
  std::uint16_t status;
  Retry retry{Retry::never};
};

// one table: a row for each Errc. The status is AWS's where its load balancers document one (400, 408, 413, 414, 460,
// 463, 501, 502, 503, 504, 505, 507), else RFC 9110's or RFC 6585's. A compiler warning finds a missing row.
Row row_of(Errc what) noexcept {
  using enum Side;
  switch (what) {
    case Errc::none: return {"none", gateway, 500};
    case Errc::bad_request_line: return {"bad_request_line", client, 400};
    case Errc::bad_method: return {"bad_method", client, 400};
    case Errc::bad_target: return {"bad_target", client, 400};
    case Errc::bad_version: return {"bad_version", client, 400};
    case Errc::bad_field_name: return {"bad_field_name", client, 400};
    case Errc::bad_field_value: return {"bad_field_value", client, 400};
    case Errc::bad_line_end: return {"bad_line_end", client, 400};
    case Errc::obs_fold: return {"obs_fold", client, 400};
    case Errc::missing_host: return {"missing_host", client, 400};
    case Errc::duplicate_host: return {"duplicate_host", client, 400};
    case Errc::bad_host: return {"bad_host", client, 400};
    case Errc::bad_content_length: return {"bad_content_length", client, 400};
    case Errc::duplicate_content_length: return {"duplicate_content_length", client, 400};
    case Errc::length_and_encoding: return {"length_and_encoding", client, 400};
    case Errc::bad_transfer_encoding: return {"bad_transfer_encoding", client, 400};
    case Errc::unknown_transfer_encoding: return {"unknown_transfer_encoding", client, 501};
    case Errc::encoding_in_http_1_0: return {"encoding_in_http_1_0", client, 400};
    case Errc::bad_chunk: return {"bad_chunk", client, 400};
    case Errc::bad_trailer: return {"bad_trailer", client, 400};
    case Errc::bad_expect: return {"bad_expect", client, 417};
    case Errc::bad_upgrade: return {"bad_upgrade", client, 400};
    case Errc::request_line_too_long: return {"request_line_too_long", client, 414};
    case Errc::field_too_large: return {"field_too_large", client, 431};
    case Errc::head_too_large: return {"head_too_large", client, 431};
    case Errc::too_many_fields: return {"too_many_fields", client, 431};
    case Errc::too_many_addresses: return {"too_many_addresses", client, 463};
    case Errc::body_too_large: return {"body_too_large", client, 413};
    case Errc::connect_refused_method: return {"connect_refused_method", client, 405};
    case Errc::trace_refused_method: return {"trace_refused_method", client, 405};
    case Errc::version_not_supported: return {"version_not_supported", client, 505};
    case Errc::http2_preface: return {"http2_preface", client, 505};
    case Errc::head_timeout: return {"head_timeout", client, 408};
    case Errc::client_idle: return {"client_idle", client, 408};
    case Errc::client_closed: return {"client_closed", client, 460};
    case Errc::client_reset: return {"client_reset", client, 460};
    case Errc::tls_handshake: return {"tls_handshake", client, 400};
    // Before a connection stands, nothing of the request was sent, so another endpoint may be asked.
    case Errc::connect_failed: return {"connect_failed", origin, 502, Retry::always};
    case Errc::connect_timeout: return {"connect_timeout", origin, 504, Retry::always};
    case Errc::origin_tls: return {"origin_tls", origin, 502, Retry::always};
    // A connection that ends without an answer: the origin may have done what it was asked (RFC 9110 9.2.2).
    case Errc::origin_closed: return {"origin_closed", origin, 502, Retry::if_idempotent};
    case Errc::origin_reset: return {"origin_reset", origin, 502, Retry::if_idempotent};
    case Errc::origin_bad_head: return {"origin_bad_head", origin, 502};
    case Errc::origin_head_too_large: return {"origin_head_too_large", origin, 502};
    case Errc::origin_bad_framing: return {"origin_bad_framing", origin, 502};
    case Errc::origin_bad_chunk: return {"origin_bad_chunk", origin, 502};
    case Errc::origin_timeout: return {"origin_timeout", origin, 504};
    case Errc::origin_idle: return {"origin_idle", origin, 504};
    case Errc::origin_body_short: return {"origin_body_short", origin, 502};
    case Errc::origin_upgrade_mismatch: return {"origin_upgrade_mismatch", origin, 502};
    case Errc::no_route: return {"no_route", gateway, 404};
    case Errc::no_endpoint: return {"no_endpoint", gateway, 503};
    case Errc::no_target_group: return {"no_target_group", gateway, 503};
    case Errc::filter_denied: return {"filter_denied", client, 403};
    case Errc::waf_denied: return {"waf_denied", client, 403};
    case Errc::too_many_connections: return {"too_many_connections", gateway, 503};
    case Errc::out_of_buffers: return {"out_of_buffers", gateway, 503};
    case Errc::draining: return {"draining", gateway, 503};
    case Errc::internal: return {"internal", gateway, 500};
    case Errc::redirect_too_long: return {"redirect_too_long", gateway, 507};
    case Errc::misdirected: return {"misdirected", client, 421};
    // RFC 9111 5.2.1.7: only-if-cached, and it is not.
    case Errc::not_in_cache: return {"not_in_cache", gateway, 504};
    case Errc::purge_refused: return {"purge_refused", client, 403};
    // What a behavior does not let through (aws-cloudfront 28).
    case Errc::https_required: return {"https_required", client, 403};
    case Errc::method_refused: return {"method_refused", client, 403};
    case Errc::content_refused: return {"content_refused", client, 403};
    case Errc::signature_refused: return {"signature_refused", client, 403};
    // Answers that are not for the client: another origin is asked, or a page is sent instead. They keep their status.
    case Errc::failover_answer: return {"failover_answer", origin, 502};
    case Errc::replaced_by_page: return {"replaced_by_page", origin, 502};
    // Stored content that cannot be read any more. Before its first byte went out it counts as not stored.
    case Errc::stored_lost: return {"stored_lost", gateway, 500};
  }
  return {"unknown", gateway, 500};
}

}  // namespace

std::string_view fault_name(Errc what) noexcept { return row_of(what).name; }

Fault fault_of(Errc what) noexcept {
  const Row row = row_of(what);
  return Fault{what, row.side, row.retry, row.status, 0};
}

}  // namespace gatehouse::exchange
