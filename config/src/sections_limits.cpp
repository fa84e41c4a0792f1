// Keys of `limits`: what a peer may ask for, and for how long. Times are kept with the coarse tick of the workers, so
// nothing below 100 ms is offered. The upper ends of sizes are what the data plane can hold: a head and what is added
// to it fit one large buffer (128 KiB), a field's offsets are 16 bits, a message has a fixed array of 256 fields.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

using std::chrono_literals::operator""h;

constexpr std::uint64_t KiB = 1024;
constexpr std::uint64_t TiB = KiB * KiB * KiB * KiB;

Keys<Limits> size_keys() {
  return {
      key("request_line", &Limits::request_line, size(256, 16 * KiB),
          "The request line; longer ones are answered with 414.")
          .source("ALB quota: 16 KB"),
      key("header_field", &Limits::header_field, size(256, 32 * KiB),
          "One header field; longer ones are answered with 431.")
          .source("ALB quota: 16 KB"),
      key("request_headers", &Limits::request_headers, size(1 * KiB, 96 * KiB),
          "The whole head of a request; longer ones are answered with 431.")
          .source("ALB quota: 64 KB"),
      key("header_count", &Limits::header_count, whole(1, 256),
          "Header fields in one request; more are answered with 431."),
      key("response_headers", &Limits::response_headers, size(1 * KiB, 96 * KiB),
          "The whole head of an origin's response; longer ones become 502.")
          .source("ALB quota: 32 KB"),
      key("request_body", &Limits::request_body, size_or_zero(1, 1024 * TiB),
          "The body of a request; longer ones are answered with 413."),
      key("inspection_memory", &Limits::inspection_memory, size(1024 * KiB, 1024 * KiB * KiB * KiB),
          "Content that one worker holds back for web ACLs, of all its exchanges together; beyond it 503."),
      key("connections", &Limits::connections, whole(1, 10'000'000),
          "Client connections of the whole process; more are closed as they arrive."),
      key("connections_per_client", &Limits::connections_per_client, whole(0, 10'000'000),
          "Connections of one client address at one worker; 0 is no limit."),
      key("requests_per_connection", &Limits::requests_per_connection, whole(1, 1'000'000'000),
          "Requests on one client connection; after the last one it is closed.")
          .source("ALB: 10000 on HTTP/2"),
  };
}

Keys<Limits> time_keys() {
  return {
      key("request_head_timeout", &Limits::request_head_timeout, duration(100ms, 1h),
          "Until the whole head of a request is there; then 408."),
      key("tls_handshake_timeout", &Limits::tls_handshake_timeout, duration(100ms, 1h),
          "For a TLS handshake, either side.")
          .source("ALB: 10 s"),
      key("keep_alive_timeout", &Limits::keep_alive_timeout, duration(100ms, 168h),
          "How long a client connection may idle between requests.")
          .source("idle_timeout.timeout_seconds"),
      key("client_keep_alive", &Limits::client_keep_alive, duration(1000ms, 168h),
          "The whole life of a client connection; the next response after it closes the connection.")
          .source("client_keep_alive.seconds"),
      key("idle_timeout", &Limits::idle_timeout, duration(100ms, 168h),
          "Without a byte in either direction during an exchange; then 408 or 504.")
          .source("idle_timeout.timeout_seconds"),
      key("first_byte_timeout", &Limits::first_byte_timeout, duration(100ms, 168h),
          "From the request's end to the head of the origin's response; then 504."),
      key("connect_timeout", &Limits::connect_timeout, duration(100ms, 1h), "For connecting to an origin; then 504.")
          .source("ALB: 10 s"),
  };
}

}  // namespace

const Section<Limits>& limits_section() {
  static const Section<Limits> section = [] {
    Section<Limits> made{"Every limit of the data plane; each is answered with its own status and reason.",
                         size_keys()};
    made.keys += time_keys();
    return made;
  }();
  return section;
}

}  // namespace gatehouse::config
