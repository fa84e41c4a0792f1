// AccessLog: turns one finished exchange into one line of JSON, straight in the worker's ring. One per worker, on its
// thread; no allocation, no system call, no lock. Every value is escaped or checked, so nothing a client sends can end
// a line, start a field, or carry a terminal control sequence; bytes that are not UTF-8 become U+FFFD.
//
// The fields of interfaces.md "Logs" are always there, null when unknown. Those after them (protocol, user_agent,
// referer, tls_version, tls_cipher, server_name) are left out when unknown. user_agent and referer are cut at 1 KiB.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/observe/log_ring.hpp"

namespace gatehouse::observe {

/// What is logged of one exchange. Views need only live for the call; an empty one means unknown.
struct AccessRecord {
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};

  std::uint64_t wall_ns{0};  // when the exchange began, since 1970
  std::string_view request_id;
  std::string_view client;  // address:port
  std::string_view listener;
  std::string_view method;
  std::string_view host;
  std::string_view path;
  std::string_view query;  // logged as part of path
  bool has_query{false};
  std::uint16_t status{0};  // 0: no reply was begun
  std::uint32_t retries{0};
  std::uint64_t bytes_in{0};
  std::uint64_t bytes_out{0};
  std::string_view route;
  std::string_view target_group;
  std::string_view endpoint;
  std::string_view region;
  std::string_view cache;
  std::string_view waf_action;
  std::string_view reason;
  std::uint64_t duration_ns{0};
  std::uint64_t origin_ns{unknown};  // request sent to response head

  std::string_view protocol;  // HTTP/1.1
  std::string_view user_agent;
  std::string_view referer;
  std::string_view tls_version;
  std::string_view tls_cipher;
  std::string_view server_name;
};

class AccessLog {
 public:
  explicit AccessLog(LogRing& ring) noexcept : ring_(ring) {}

  /// Writes the record as a line, or drops it (counted by the ring) when the ring has no room for it.
  void write(const AccessRecord& record) noexcept;

 private:
  char* put_time(char* out, std::uint64_t wall_ns) noexcept;

  LogRing& ring_;
  std::uint64_t second_{~std::uint64_t{0}};  // the second whose text is kept
  char second_text_[20]{};                   // 2024-05-01T12:34:56.
};

}  // namespace gatehouse::observe
