// What the body tests share: a sink that writes down everything it is given, and a run of a parser over a body cut into
// pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "body/json.hpp"
#include "body/multipart.hpp"
#include "body/urlencoded.hpp"
#include "body/xml.hpp"

namespace gatehouse::filters {

/// One line a finding: `a=v`, `header PART|LINE`, `file FIELD|NAME|SIZE|CONTENT`, `text T`, `@name=value`.
class Recorder final : public BodySink {
 public:
  void argument(std::string_view name, std::string_view value) override { line(name, "=", value); }
  void part_header(std::string_view part, std::string_view header) override {
    text += "header ";
    line(part, "|", header);
  }
  void file_bytes(std::string_view piece) override { content += piece; }
  void file(const FilePart& part) override {
    text += "file ";
    text.append(part.field).append("|").append(part.file_name).append("|");
    line(std::to_string(part.bytes), "|", content);
    content.clear();
  }
  void xml_text(std::string_view joined) override { line("text", " ", joined); }
  void xml_attribute(std::string_view name, std::string_view value) override {
    text += "@";
    line(name, "=", value);
  }

  std::string text;
  std::string content;

 private:
  void line(std::string_view a, std::string_view between, std::string_view b) {
    text.append(a).append(between).append(b).append("\n");
  }
};

inline std::string flag_names(const MultipartFlags& flags) {
  std::string names;
  const auto add = [&names](bool set, std::string_view name) {
    if (set) names.append(names.empty() ? "" : " ").append(name);
  };
  add(flags.boundary_quoted, "BQ");
  add(flags.boundary_whitespace, "BW");
  add(flags.data_before, "DB");
  add(flags.data_after, "DA");
  add(flags.header_folding, "HF");
  add(flags.lf_line, "LF");
  add(flags.crlf_lf_lines, "CRLF+LF");
  add(flags.missing_semicolon, "SM");
  add(flags.invalid_quoting, "IQ");
  add(flags.invalid_part, "IP");
  add(flags.invalid_header_folding, "IH");
  add(flags.file_limit_exceeded, "FL");
  add(flags.unmatched_boundary, "UB");
  return names;
}

/// Feeds the body in pieces of `size` bytes after a first one of `first`, and returns what was found, the flags of a
/// multipart body, and the error.
inline std::string run(BodyParser& parser, Recorder& sink, std::string_view body, std::size_t first, std::size_t size) {
  bool good = parser.feed(body.substr(0, first));
  for (std::size_t at = first; good && at < body.size(); at += size) good = parser.feed(body.substr(at, size));
  if (good) parser.finish();
  std::string out = sink.text;
  const auto* multipart = dynamic_cast<const MultipartParser*>(&parser);
  if (multipart != nullptr && !flag_names(multipart->flags()).empty()) {
    out += "flags " + flag_names(multipart->flags()) + "\n";
  }
  if (parser.error() != BodyError::none) out += "error " + std::string(to_text(parser.error())) + "\n";
  return out;
}

/// A parser for the content type, as a gateway would choose it.
inline std::unique_ptr<BodyParser> parser_for(std::string_view type, BodySink& sink, const BodyLimits& limits = {}) {
  if (type == "json") return std::make_unique<JsonParser>(sink, limits);
  if (type == "xml") return std::make_unique<XmlParser>(sink, limits);
  if (type == "urlencoded") return std::make_unique<UrlencodedParser>(sink, limits);
  return std::make_unique<MultipartParser>(type, sink, limits);
}

inline std::string read(std::string_view type, std::string_view body, const BodyLimits& limits = {}) {
  Recorder sink;
  const auto parser = parser_for(type, sink, limits);
  return run(*parser, sink, body, body.size(), 1);
}

/// The same, cut at every place in turn and then into single bytes; the first result that differs, or the common one.
inline std::string read_at_every_cut(std::string_view type, std::string_view body) {
  const std::string whole = read(type, body);
  for (std::size_t cut = 0; cut <= body.size() + 1; ++cut) {
    Recorder sink;
    const auto parser = parser_for(type, sink);
    const std::string result = cut > body.size() ? run(*parser, sink, body, 0, 1)
                                                 : run(*parser, sink, body, cut, std::max<std::size_t>(body.size(), 1));
    if (result != whole) return "cut at " + std::to_string(cut) + ": " + result;
  }
  return whole;
}

}  // namespace gatehouse::filters
