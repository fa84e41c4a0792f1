// MultipartParser: multipart/form-data bodies (RFC 7578, RFC 2046 5.1), read strictly. What a tolerant origin might
// read in another way is recorded in MultipartFlags, the MULTIPART_* variables of ModSecurity v2; the rule set decides
// what to refuse. Fields become arguments, files are reported with name and size and stream through file_bytes().
#pragma once

#include <string>
#include <vector>

#include "body/content_disposition.hpp"
#include "body/multipart_flags.hpp"
#include "body/sink.hpp"

namespace gatehouse::filters {

class MultipartParser final : public BodyParser {
 public:
  /// `content_type` is the request's Content-Type with its parameters.
  MultipartParser(std::string_view content_type, BodySink& sink, const BodyLimits& limits);
  bool feed(std::string_view piece) override;
  bool finish() override;
  const MultipartFlags& flags() const noexcept { return flags_; }
  /// What counts for SecRequestBodyNoFilesLimit.
  std::uint64_t bytes_outside_files() const noexcept { return bytes_ - bytes_in_files_; }
  std::uint64_t bytes_in_files() const noexcept { return bytes_in_files_; }

 private:
  enum class State : std::uint8_t { before, headers, data, after };
  enum class Line : std::uint8_t { ordinary, boundary, last_boundary, broken_boundary };

  bool collect(std::string_view& piece);
  bool stream(std::string_view& piece);
  bool on_line();
  bool on_long_line();
  bool emit_line();
  bool emit_held();
  bool emit(std::string_view data);
  Line kind_of(std::string_view line);
  void note_line_end(std::string_view line) noexcept;
  bool on_boundary(bool last);
  bool header_line(std::string_view line);
  bool end_headers();
  bool find_disposition();
  void end_part();

  BodySink& sink_;
  BodyLimits limits_;
  MultipartFlags flags_;
  std::string boundary_;
  State state_{State::before};
  bool collecting_{true};           // the current line is kept in line_ until it is whole
  bool crlf_seen_{false};
  std::uint32_t boundaries_{0};
  std::uint32_t parts_{0};
  std::uint32_t files_{0};
  std::uint32_t arguments_{0};
  std::uint64_t bytes_{0};
  std::uint64_t bytes_in_files_{0};
  std::string line_;
  std::string held_;                // a line end of data, which belongs to a boundary if one follows
  std::vector<std::string> headers_;
  std::size_t header_bytes_{0};
  Disposition disposition_;
  std::string value_;               // of the field being read
  std::uint64_t file_bytes_{0};     // of the file being read
};

}  // namespace gatehouse::filters
