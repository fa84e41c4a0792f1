// Structured Field Values (RFC 9651, which contains RFC 8941): dictionaries, lists and items, walked without allocation.
// The views are of the given text. A walker stops at the first error and says so with broken(); RFC 9651 4.2 then asks
// that the whole field be ignored, so whoever acts on members first walks to the end (or asks valid_...()). A field of
// several lines is walked line by line, which differs from the joined text only where a string spans two lines.
//
//   for (SfDictionary members(value); members.next();) use(members.key(), members.item());
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::http {

enum class SfType : std::uint8_t { boolean, integer, decimal, string, token, bytes, date, display_string, inner_list };

/// One bare item or inner list with its parameters.
struct SfItem {
  SfType type{SfType::boolean};
  std::int64_t number{0};       // boolean: 0 or 1; integer and date: the value; decimal: thousandths
  std::string_view text;        // string and display string: between the quotation marks, escapes as they are;
                                // token; bytes: base64; inner list: between the parentheses
  std::string_view parameters;  // from the first ';', empty when there are none

  bool is(SfType wanted) const noexcept { return type == wanted; }
  bool is_true() const noexcept { return type == SfType::boolean && number == 1; }
};

/// A whole field value that is one item. False when it is none.
bool parse_sf_item(std::string_view text, SfItem& item) noexcept;

/// The parameters of an item or inner list: `;key` or `;key=bare-item`. The text has been checked by the item's parser.
class SfParameters {
 public:
  explicit SfParameters(std::string_view text) noexcept : rest_(text) {}
  bool next() noexcept;
  std::string_view key() const noexcept { return key_; }
  const SfItem& value() const noexcept { return value_; }

 private:
  std::string_view rest_;
  std::string_view key_;
  SfItem value_;
};

/// The items between the parentheses of an inner list. The text has been checked by the list's parser.
class SfInnerItems {
 public:
  explicit SfInnerItems(std::string_view text) noexcept : rest_(text) {}
  bool next() noexcept;
  const SfItem& item() const noexcept { return item_; }

 private:
  std::string_view rest_;
  SfItem item_;
};

/// The members of a list.
class SfList {
 public:
  explicit SfList(std::string_view text) noexcept;
  bool next() noexcept;
  const SfItem& item() const noexcept { return item_; }
  bool broken() const noexcept { return broken_; }

 private:
  std::string_view rest_;
  SfItem item_;
  bool broken_{false};
};

/// The members of a dictionary, in the order of the text. A key may come again: the last one counts (RFC 9651 3.2).
class SfDictionary {
 public:
  explicit SfDictionary(std::string_view text) noexcept;
  bool next() noexcept;
  std::string_view key() const noexcept { return key_; }
  const SfItem& item() const noexcept { return item_; }
  bool broken() const noexcept { return broken_; }

 private:
  std::string_view rest_;
  std::string_view key_;
  SfItem item_;
  bool broken_{false};
};

/// Whether the whole text is a list or a dictionary. An empty one is (RFC 9651 4.2, step 4).
bool valid_sf_list(std::string_view text) noexcept;
bool valid_sf_dictionary(std::string_view text) noexcept;

/// Writes a string's or display string's content without escapes; the result has at most the text's size. Returns the
/// bytes written.
std::size_t unescape_sf_string(const SfItem& item, std::span<char> out) noexcept;
/// Decodes a byte sequence into `out`, which has at least 3/4 of the text's size. Returns the bytes written.
std::size_t decode_sf_bytes(const SfItem& item, std::span<char> out) noexcept;
/// Writes a string with its quotation marks and escapes; bytes outside visible ASCII become '?', as a string cannot hold
/// them. The result has at most twice the text's size and 2. Returns the bytes written, 0 when `out` is too small.
std::size_t write_sf_string(std::string_view text, std::span<char> out) noexcept;

}  // namespace gatehouse::http
