// ResponseScanner: bytes of an origin -> http::Response, or a refusal (RFC 9112 4-6). As strict as with clients, since
// what passes here is what clients read. Refusals are the origin's doing: origin_bad_head, origin_bad_framing or
// origin_head_too_large, all 502; `detail` says what exactly. An interim response (1xx) is a head like any other
// and the final one follows it; what 101 means is the caller's business. Used like RequestScanner.
#pragma once

#include "gateway/http/message.hpp"
#include "gateway/http1/scan.hpp"

namespace gatehouse::http1 {

class ResponseScanner {
 public:
  void reset() noexcept { head_.reset(); }
  /// `head_max` bounds the whole head in bytes; `method` is the request's, for HEAD's response has no content.
  Scan scan(std::span<const char> buffer, std::uint32_t head_max, http::Method method, http::Response& out) noexcept;

 private:
  Scan finish(Scan complete, http::Method method, http::Response& out) const noexcept;

  HeadScan head_;
};

}  // namespace gatehouse::http1
