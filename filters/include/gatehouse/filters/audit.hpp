// AuditRecord: what rules want to be written down about one request: whether at all (SecAuditEngine and its ctl,
// SecAuditLogRelevantStatus, auditlog and noauditlog of the rules that matched) and which parts (SecAuditLogParts and its
// ctl). Hosts ask Inspection::audit() for it after finish() and write it in a form of theirs. Views live as long as the
// inspection and what was handed to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/request_view.hpp"

namespace gatehouse::filters {

/// A set of parts by ModSecurity's letters: B the request's fields, C its content, I the same without files, J the files, E the
/// response's content, F its fields, H what rules said, K the rules that matched. A and Z stand for the record itself; D and
/// G are reserved.
class AuditParts {
 public:
  constexpr AuditParts() = default;
  /// Letters other than A to Z are passed over.
  constexpr explicit AuditParts(std::string_view letters) {
    for (const char c : letters) add(c);
  }
  constexpr void add(char letter) { bits_ |= bit(letter); }
  constexpr void add(AuditParts others) { bits_ |= others.bits_; }
  constexpr void remove(AuditParts others) { bits_ &= ~others.bits_; }
  constexpr bool has(char letter) const { return (bits_ & bit(letter)) != 0; }
  constexpr bool has_any(AuditParts others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool operator==(const AuditParts&) const = default;

 private:
  static constexpr std::uint32_t bit(char letter) { return letter >= 'A' && letter <= 'Z' ? 1u << (letter - 'A') : 0; }
  std::uint32_t bits_{0};
};

struct AuditFile {
  std::string_view field, name;
  std::uint64_t bytes{0};
};

/// Members of parts that were not asked for are empty.
struct AuditRecord {
  bool wanted{false};
  AuditParts parts;
  FieldsView request_fields;   // B
  std::string request_body;    // C, or I: multipart content as a form without its files
  std::vector<AuditFile> files;  // J
  FieldsView response_fields;  // F
  std::string_view response_body;  // E: what rules saw of it
};

}  // namespace gatehouse::filters
