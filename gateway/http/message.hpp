// Request and Response: a message's head as every layer above the protocols sees it, and how long its content is.
// Views into the connection's buffer, valid until the exchange ends. Pure; one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::http {

/// Methods that some decision asks for. `other` is any other token.
enum class Method : std::uint8_t { other, get, head, post, put, delete_, options, patch, connect, trace };

/// How a message's content ends (RFC 9112 6.3).
enum class BodyKind : std::uint8_t { none, counted, chunked, until_close };

struct Body {
  BodyKind kind{BodyKind::none};
  std::uint64_t length{0};  // for counted

  bool is_empty() const noexcept { return kind == BodyKind::none || (kind == BodyKind::counted && length == 0); }
};

struct Request {
  std::string_view method_text;
  std::string_view target;     // as received
  std::string_view scheme;     // of an absolute-form target, else empty
  std::string_view authority;  // of an absolute-form target, else Host's value
  std::string_view path_prefix;  // stands before the path on the way to the origin; the client knows nothing of it
  std::string_view path;       // without query; never empty: "/" or "*"
  std::string_view query;      // without '?'
  bool has_query{false};       // tells "/a?" from "/a"
  bool absolute_form{false};
  Method method{Method::other};
  std::uint8_t version_minor{1};
  bool keep_alive{true};           // the client may send another request on this connection
  bool expects_continue{false};
  Body body;
  FieldList fields;
};

struct Response {
  std::uint16_t status{0};
  std::string_view reason;
  std::uint8_t version_minor{1};
  bool keep_alive{true};  // the origin will take another request
  Body body;              // needs the request's method: HEAD has none (RFC 9112 6.3)
  FieldList fields;
};

}  // namespace gatehouse::http
