// BodyReader: takes a request's body in pieces, undoes its codings, hands it to the parser for its format and keeps what
// the parser finds until the rules want it. Bounded by its limit, which counts what came and what it became. One owner,
// one thread; reused.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "body/content_decoder.hpp"
#include "body/multipart.hpp"
#include "body/sink.hpp"
#include "core/arena.hpp"
#include "rules/settings.hpp"

namespace gatehouse::filters {

class BodyReader final : public BodySink, private DecodedSink {
 public:
  struct Argument {
    std::string_view name, value;
  };
  struct File {
    std::string_view field, name;
    std::uint64_t bytes{0};
  };

  void start(const EngineSettings& settings, Arena& arena);
  void choose(BodyFormat format, std::string_view content_type) noexcept { format_ = format, content_type_ = content_type; }
  BodyFormat format() const noexcept { return format_; }
  /// The codings that the body is said to have. Before the first piece.
  void coded(const Codings& codings) noexcept { codings_ = codings; }
  /// How many bytes are looked at, as they came and decoded.
  void limit(std::uint64_t bytes) noexcept { limit_ = bytes; }
  /// Also keeps the text, decoded.
  void keep_raw() noexcept { keep_raw_ = true; }
  /// The same for the record alone: that does not make it something that rules look at.
  void keep_for_audit() noexcept { keep_for_audit_ = true; }

  void feed(std::string_view piece);
  void finish();

  /// Bytes looked at, decoded.
  std::uint64_t bytes() const noexcept { return bytes_; }
  /// Bytes more than came that decoding made.
  std::uint64_t bytes_by_decoding() const noexcept { return bytes_ - std::min(bytes_, received_); }
  /// There was more than the limit allows to look at.
  bool over() const noexcept { return over_; }
  /// More pieces would change nothing.
  bool full() const noexcept { return over_ || received_ >= limit_; }
  /// Bytes that count for the limit without files.
  std::uint64_t bytes_outside_files() const noexcept;
  std::string_view raw() const noexcept { return raw_; }
  bool failed() const noexcept { return error_ != BodyError::none; }
  std::string_view error_text() const noexcept { return to_text(error_); }
  const MultipartFlags* multipart_flags() const noexcept;
  bool bad_escape() const noexcept;

  const std::vector<Argument>& arguments() const noexcept { return arguments_; }
  const std::vector<Argument>& part_headers() const noexcept { return part_headers_; }
  const std::vector<Argument>& xml_attributes() const noexcept { return xml_attributes_; }
  const std::vector<File>& files() const noexcept { return files_; }
  bool has_xml() const noexcept { return has_xml_; }
  std::string_view xml_text() const noexcept { return xml_text_; }

  // BodySink
  void argument(std::string_view name, std::string_view value) override;
  void part_header(std::string_view part, std::string_view line) override;
  void file(const FilePart& part) override;
  void xml_text(std::string_view text) override;
  void xml_attribute(std::string_view name, std::string_view value) override;

 private:
  void begin();
  void make_parser();
  void decoded(std::string_view bytes) override;

  const EngineSettings* settings_{nullptr};
  Arena* arena_{nullptr};
  BodyFormat format_{BodyFormat::none};
  std::string_view content_type_;
  bool started_{false};
  bool keep_raw_{false}, keep_for_audit_{false};
  bool has_xml_{false};
  bool over_{false};
  std::uint64_t limit_{0}, received_{0}, bytes_{0};
  BodyError error_{BodyError::none};
  Codings codings_;
  std::unique_ptr<ContentDecoder> decoder_;
  std::unique_ptr<BodyParser> parser_;
  std::string raw_;
  std::vector<Argument> arguments_, part_headers_, xml_attributes_;
  std::vector<File> files_;
  std::string_view xml_text_;
};

}  // namespace gatehouse::filters
