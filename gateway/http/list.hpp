// Walks a comma-separated list (RFC 9110 5.6.1) such as Connection's or Cache-Control's value: items come without the
// white space around them, empty items are skipped as the RFC asks of recipients, and a comma inside a quoted string
// does not separate. Views of the given text; no allocation.
//
//   for (ListItems items(value); items.next();) use(items.item());
#pragma once

#include <string_view>

namespace gatehouse::http {

class ListItems {
 public:
  explicit constexpr ListItems(std::string_view list) noexcept : rest_(list) {}

  /// Goes to the next item; false at the end.
  bool next() noexcept;
  std::string_view item() const noexcept { return item_; }
  /// Whether an item so far had a quotation mark that was never closed; it then reaches to the end of the list.
  bool broken() const noexcept { return broken_; }

 private:
  std::string_view rest_;
  std::string_view item_;
  bool broken_{false};
};

/// Whether a list has an item that is exactly `token`, letter case ignored.
bool list_has(std::string_view list, std::string_view token) noexcept;

/// The part of an item before its first `;`: `chunked` of `chunked ; q=1`, without white space around it.
std::string_view without_parameters(std::string_view item) noexcept;

/// The value of a parameter or directive `name=value` or `name="value"`, without quotation marks (escapes stay as they
/// are). False when `item` is not of that form or its name differs.
bool parameter_value(std::string_view item, std::string_view name, std::string_view& value) noexcept;

}  // namespace gatehouse::http
