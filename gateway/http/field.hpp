// Header fields of a message as they stand in the connection's buffer: views, never copies. A Field is 24 bytes; a
// message's fields live in a fixed array beside the pooled buffer. Pure; owned by the exchange; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::http {

/// Fields that some layer asks for by name. `other` is everything else.
enum class FieldKind : std::uint8_t {
  other,
  // hop-by-hop and framing (RFC 9110 7.6.1, RFC 9112 6)
  connection, keep_alive, proxy_connection, te, trailer, transfer_encoding, upgrade, content_length,
  proxy_authenticate, proxy_authorization, proxy_authentication_info, http2_settings,
  // what the gateway reads or writes
  host, expect, via, x_forwarded_for, x_forwarded_proto, x_forwarded_port, x_forwarded_host, forwarded,
  x_amzn_trace_id, x_request_id, date, server, location, user_agent, referer, cookie, set_cookie, authorization,
  content_type, content_encoding, accept, accept_encoding, accept_language, range, content_range, if_match,
  if_none_match, if_modified_since, if_unmodified_since, if_range, etag, last_modified, cache_control, pragma, age,
  expires, vary, warning, max_forwards, origin, content_location, retry_after, allow,
};
constexpr std::size_t field_kinds = static_cast<std::size_t>(FieldKind::allow) + 1;

/// A set of kinds in one word.
class FieldKinds {
 public:
  constexpr FieldKinds() = default;
  template <class... Kind>
  constexpr explicit FieldKinds(Kind... kinds) noexcept : bits_((bit(kinds) | ...)) {}
  constexpr FieldKinds(FieldKinds others, FieldKind kind) noexcept : bits_(others.bits_ | bit(kind)) {}

  constexpr void insert(FieldKind kind) noexcept { bits_ |= bit(kind); }
  constexpr bool has(FieldKind kind) const noexcept { return (bits_ & bit(kind)) != 0; }
  constexpr bool meets(FieldKinds other) const noexcept { return (bits_ & other.bits_) != 0; }

 private:
  static constexpr std::uint64_t bit(FieldKind kind) noexcept { return std::uint64_t{1} << static_cast<unsigned>(kind); }
  std::uint64_t bits_{0};
};
static_assert(field_kinds <= 64);

/// The kind of a field name, whatever its letter case.
FieldKind field_kind(std::string_view name) noexcept;

/// One field. `line` is the start of its text; name and value are views of it, without surrounding white space.
struct Field {
  const char* line{nullptr};
  std::uint32_t value_size{0};
  std::uint16_t name_size{0};
  std::uint16_t value_offset{0};  // from line
  FieldKind kind{FieldKind::other};
  bool canonical{false};  // the text is exactly `name: value CRLF`, so it can be copied in one piece
  bool dropped{false};    // not to be forwarded

  std::string_view name() const noexcept { return {line, name_size}; }
  std::string_view value() const noexcept { return {line + value_offset, value_size}; }
  /// The whole canonical line with its CRLF. Only when `canonical`.
  std::string_view text() const noexcept { return {line, std::size_t{value_offset} + value_size + 2}; }
};
static_assert(sizeof(Field) == 24);

/// A field that the gateway adds: both views must outlive the exchange or the send, whichever the caller says.
struct AddedField {
  std::string_view name;
  std::string_view value;
};

inline constexpr std::size_t fields_max = 256;  // hard cap; limits.header_count is the configured one
inline constexpr std::size_t added_max = 48;

/// The fields of one message and what is to be added. Fixed size, no allocation.
class FieldList {
 public:
  void clear() noexcept { size_ = added_size_ = 0, seen_ = {}; }
  /// The field behind the last, to be filled in and then taken in with push_next(). Only when the array is not full.
  Field& next() noexcept { return fields_[size_]; }
  void push_next() noexcept {
    const FieldKind kind = fields_[size_].kind;
    if (!seen_.has(kind)) {
      seen_.insert(kind);
      first_[static_cast<std::size_t>(kind)] = size_;
    }
    ++size_;
  }
  /// False when the array is full.
  bool push(const Field& field) noexcept {
    if (size_ == fields_max) return false;
    next() = field;
    push_next();
    return true;
  }
  /// Adds a field on the way out. False when there is no room; a bug of ours, since the number is bounded.
  bool add(std::string_view name, std::string_view value) noexcept {
    if (added_size_ == added_max) return false;
    added_[added_size_++] = {name, value};
    return true;
  }

  /// Takes back what was added behind the first `count`.
  void keep_added(std::size_t count) noexcept { added_size_ = static_cast<std::uint16_t>(count); }

  std::span<Field> all() noexcept { return {fields_.data(), size_}; }
  std::span<const Field> all() const noexcept { return {fields_.data(), size_}; }
  std::span<const AddedField> added() const noexcept { return {added_.data(), added_size_}; }
  /// The first field of a kind, or null. Not for `other`.
  const Field* first(FieldKind kind) const noexcept {
    return has(kind) ? &fields_[first_[static_cast<std::size_t>(kind)]] : nullptr;
  }
  bool has(FieldKind kind) const noexcept { return seen_.has(kind); }
  /// The first field of that name, letter case ignored, or null. Linear.
  const Field* find(std::string_view name) const noexcept;
  /// Whether a field of that name is on its way out, a received or an added one.
  bool sends(std::string_view name) const noexcept;
  /// Takes every field of that name out, received and added ones.
  void drop_named(std::string_view name) noexcept;
  /// Marks every field of a kind as not to be forwarded.
  void drop(FieldKind kind) noexcept {
    if (!has(kind)) return;
    for (Field& field : all()) field.dropped |= field.kind == kind;
  }
  void drop(FieldKinds kinds) noexcept {
    if (!seen_.meets(kinds)) return;
    for (Field& field : all()) field.dropped |= kinds.has(field.kind);
  }

 private:
  // What every message uses stands together: a gateway with many connections pays by the cache line.
  FieldKinds seen_;
  std::uint16_t size_{0};
  std::uint16_t added_size_{0};
  std::array<std::uint16_t, field_kinds> first_;  // where the first of a kind is; only of those seen
  std::array<AddedField, added_max> added_;
  std::array<Field, fields_max> fields_;
};

}  // namespace gatehouse::http
