// Columns of text for people: as wide as their widest cell, two spaces apart, the last one unpadded. Cells come from a
// running gateway and are shown on a terminal, so control characters in them are replaced. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> head) { add(std::move(head)); }
  /// A row with as many cells as the head.
  void add(std::vector<std::string> row);
  /// Each line after `indent`.
  std::string text(std::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Without control characters; "-" when empty.
std::string cell(std::string_view text);

/// "3d 4h", "3h 12m", "12m 5s", "5s": the two largest units.
std::string duration_text(std::uint64_t seconds);
/// "850 us", "12.3 ms", "1.25 s".
std::string latency_text(double seconds);
/// "2024-05-01 12:34:56 UTC"
std::string time_text(std::uint64_t seconds_since_1970);
/// 100, 12.5: no zeros that say nothing.
std::string number_text(double value);

}  // namespace gatehouse::cli
