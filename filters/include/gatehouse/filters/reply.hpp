// Reply: what a filter answers instead of letting a request through. Built only when a request is answered, so it may
// own text. The reason is a short machine-readable word for logs and metrics, never shown to the client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::filters {

struct ReplyField {
  std::string name;
  std::string value;
};

struct Reply {
  std::uint16_t status{403};
  std::string_view reason;        // static text, such as "access_list_denied"
  std::string_view content_type;  // static text; empty without a body
  std::string body;
  std::vector<ReplyField> fields;

  /// RFC 9110 15.5.4.
  static Reply forbidden(std::string_view reason) { return Reply(403, reason); }
  /// RFC 6585 4, with Retry-After (RFC 9110 10.2.3).
  static Reply too_many_requests(std::string_view reason, std::uint32_t retry_after_s) {
    Reply reply(429, reason);
    reply.fields.push_back({"retry-after", std::to_string(retry_after_s)});
    return reply;
  }

  Reply() = default;
  Reply(std::uint16_t status, std::string_view reason) : status(status), reason(reason) {}
};

}  // namespace gatehouse::filters
