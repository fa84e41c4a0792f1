// RequestView: a request's head as filters see it. Non-owning: every view must stay valid until the transaction ends.
// Fields are reached through a function of the host program, so that nothing is converted or copied for chains that
// never look at them. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/filters/address.hpp"

namespace gatehouse::filters {

struct FieldView {
  std::string_view name;
  std::string_view value;
};

/// The fields of a message, in the order received. A message without fields needs no source at all.
class FieldsView {
 public:
  /// Writes the field number `index` to `field`; false past the last one. `context` is the host's message.
  using At = bool (*)(const void* context, std::uint32_t index, FieldView& field) noexcept;

  constexpr FieldsView() noexcept = default;
  constexpr FieldsView(At at, const void* context) noexcept : at_(at), context_(context) {}

  /// Calls visit(FieldView) for each field.
  template <class Visit>
  void each(Visit&& visit) const {
    if (at_ == nullptr) return;
    FieldView field;
    for (std::uint32_t index = 0; at_(context_, index, field); ++index) visit(field);
  }
  /// The value of the first field of that name (ASCII letter case ignored); a null view when there is none.
  std::string_view find(std::string_view name) const noexcept;

 private:
  At at_{nullptr};
  const void* context_{nullptr};
};

struct RequestView {
  std::string_view method;
  std::string_view scheme;   // "http" or "https": how the client reached the gateway
  std::string_view host;     // the authority the request is for
  std::string_view path;     // as received, without query; never empty
  std::string_view query;    // without '?'
  std::string_view target;   // the request target as received
  std::string_view version;  // "HTTP/1.1", "HTTP/2"
  Address client;            // the address that the gateway trusts
  std::string_view client_text;
  FieldsView fields;
  std::string_view line;     // the request line as received; empty: put together from its parts
};

}  // namespace gatehouse::filters
