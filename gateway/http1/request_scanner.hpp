// RequestScanner: bytes of a client -> http::Request, or a refusal with its reason (RFC 9112 2-6). Strict where the RFC
// leaves a choice: whatever two readers might understand differently is refused, since origins read it after us.
//
//   RequestScanner scanner;
//   for (;;) {
//     const Scan scan = scanner.scan(bytes_so_far, limits, request);   // from the head's first byte, each time
//     if (!scan.need_more()) break;
//     read more
//   }
//
// The views in the request are of the buffer given last. The buffer may grow and move between calls, its bytes may not
// change. CONNECT and TRACE are refused with 405: this gateway knows both and allows neither.
#pragma once

#include "gateway/http/message.hpp"
#include "gateway/http1/scan.hpp"

namespace gatehouse::http1 {

class RequestScanner {
 public:
  /// Forgets all: the next scan() begins a new head.
  void reset() noexcept { head_.reset(); }
  /// Goes on where the last call stopped. After complete or refused, reset() before the next head.
  Scan scan(std::span<const char> buffer, const ScanLimits& limits, http::Request& out) noexcept;

 private:
  Scan finish(Scan complete, http::Request& out) const noexcept;

  HeadScan head_;
};

/// The method of a token; `other` for those no decision asks for. Letter case matters (RFC 9110 9.1).
http::Method method_of(std::string_view token) noexcept;

}  // namespace gatehouse::http1
