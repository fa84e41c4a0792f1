// MultipartFlags: what a multipart body does that another reader might understand in another way, the MULTIPART_*
// variables of ModSecurity v2. A plain value.
#pragma once

namespace gatehouse::filters {

struct MultipartFlags {
  bool boundary_quoted{false};          // BQ
  bool boundary_whitespace{false};      // BW
  bool data_before{false};              // DB: text before the first boundary
  bool data_after{false};               // DA: text after the last one
  bool header_folding{false};           // HF
  bool lf_line{false};                  // LF: a line that ends in LF alone
  bool crlf_lf_lines{false};            // both line ends occur
  bool missing_semicolon{false};        // SM: in Content-Type
  bool invalid_quoting{false};          // IQ
  bool invalid_part{false};             // IP
  bool invalid_header_folding{false};   // IH
  bool file_limit_exceeded{false};      // FL
  bool unmatched_boundary{false};       // MULTIPART_UNMATCHED_BOUNDARY, no part of the strict error

  /// MULTIPART_STRICT_ERROR, but for PE (BodyParser::error()). CRLF and LF lines together count through lf_line.
  bool strict_error() const noexcept {
    return boundary_quoted || boundary_whitespace || data_before || data_after || header_folding || lf_line ||
           missing_semicolon || invalid_quoting || invalid_part || invalid_header_folding || file_limit_exceeded;
  }
};

}  // namespace gatehouse::filters
