// UnicodeMap: what SecUnicodeMapFile loads, a code page's best-fit table from UTF-16 units to single bytes. urlDecodeUni
// asks it about %uHHHH before its own rules. Immutable after parse(), so any number of threads may share one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace gatehouse::filters {

class UnicodeMap {
 public:
  /// Reads the file format of unicode.mapping: a line that starts with a code page number heads a list of
  /// `HHHH:hh` pairs, separated by blanks. Nothing when the text has no such code page or the list is malformed.
  static std::optional<UnicodeMap> parse(std::string_view text, unsigned code_page);

  /// The byte that stands for the unit, or -1 when the table has none.
  int byte_of(std::uint16_t unit) const noexcept { return (*bytes_)[unit]; }
  /// All 65,536 entries.
  const std::int16_t* table() const noexcept { return bytes_->data(); }

 private:
  using Table = std::array<std::int16_t, 65536>;
  explicit UnicodeMap(std::unique_ptr<const Table> bytes) noexcept : bytes_(std::move(bytes)) {}

  std::unique_ptr<const Table> bytes_;
};

}  // namespace gatehouse::filters
