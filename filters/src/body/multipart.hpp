// MultipartParser: multipart/form-data bodies (RFC 7578, RFC 2046 5.1), read strictly. What a tolerant origin might
// read in another way is recorded in MultipartFlags, the MULTIPART_* variables of ModSecurity v2; the rule set decides
// what to refuse. Fields become arguments, files are reported with name and size and stream through file_bytes().
#pragma once

#include <string>

#include "body/sink.hpp"

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

class MultipartParser final : public BodyParser {
 public:
  /// `content_type` is the request's Content-Type with its parameters.
  MultipartParser(std::string_view content_type, BodySink& sink, const BodyLimits& limits);
  bool feed(std::string_view piece) override;
  bool finish() override;
  const MultipartFlags& flags() const noexcept { return flags_; }
  /// What counts for SecRequestBodyNoFilesLimit.
  std::uint64_t bytes_outside_files() const noexcept { return bytes_outside_files_; }
  std::uint64_t bytes_in_files() const noexcept { return bytes_in_files_; }

 private:
  BodySink& sink_;
  BodyLimits limits_;
  MultipartFlags flags_;
  std::string boundary_;
  std::uint64_t bytes_outside_files_{0};
  std::uint64_t bytes_in_files_{0};
};

}  // namespace gatehouse::filters
