#include "body/xml.hpp"

#include <expat.h>

#include <algorithm>
#include <string>

namespace gatehouse::filters {

/// Expat and its callbacks. Expat gets the document in blocks of a size of ours, for two reasons: what it reports before
/// an error depends on how it was fed, and it reads an unfinished token again from its start with every block, so that a
/// megabyte of one token in small pieces would cost quadratic time. While no token ends, blocks double.
class XmlParser::Reader {
 public:
  Reader(BodySink& sink, const BodyLimits& limits)
      : sink_(sink), limits_(limits), parser_(XML_ParserCreate(nullptr)) {
    if (parser_ == nullptr) {
      error_ = BodyError::too_large;  // no memory
      return;
    }
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, on_start, on_end);
    XML_SetCharacterDataHandler(parser_, on_text);
    XML_SetEntityDeclHandler(parser_, [](void* data, auto...) { self(data).stop(BodyError::declares_entity); });
    XML_SetDefaultHandlerExpand(parser_, on_other);
    XML_SetParamEntityParsing(parser_, XML_PARAM_ENTITY_PARSING_NEVER);
  }
  ~Reader() { XML_ParserFree(parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  BodyError feed(std::string_view piece) {
    if (error_ != BodyError::none) return error_;
    if (piece.find_first_not_of(" \t\r\n") != std::string_view::npos) seen_ = true;
    while (pending_.size() + piece.size() >= block_) {
      const std::size_t missing = block_ - pending_.size();
      pending_.append(piece.substr(0, missing));
      piece.remove_prefix(missing);
      if (parse(false) != BodyError::none) return error_;
    }
    pending_.append(piece);
    return BodyError::none;
  }
  BodyError finish() {
    if (error_ == BodyError::none && seen_) parse(true);
    if (seen_) sink_.xml_text(text_);
    text_.clear();
    return error_;
  }
  /// Hands over what was read before a failure.
  void give_up() {
    sink_.xml_text(text_);
    text_.clear();
  }

 private:
  static Reader& self(void* data) { return *static_cast<Reader*>(data); }

  BodyError parse(bool last) {
    progressed_ = false;
    const auto size = static_cast<int>(pending_.size());
    if (XML_Parse(parser_, pending_.data(), size, last ? 1 : 0) == XML_STATUS_ERROR) note_error(last);
    pending_.clear();
    block_ = progressed_ ? block_min : std::min(block_ * 2, block_max);
    return error_;
  }

  void note_error(bool last) {
    if (error_ != BodyError::none) return;  // a callback stopped it
    const XML_Error code = XML_GetErrorCode(parser_);
    const bool ended = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
                       code == XML_ERROR_UNCLOSED_CDATA_SECTION || code == XML_ERROR_PARTIAL_CHAR;
    error_ = last && ended ? BodyError::truncated : BodyError::malformed;
  }

  void stop(BodyError why) {
    error_ = why;
    XML_StopParser(parser_, XML_FALSE);
  }

  static void on_start(void* data, const XML_Char*, const XML_Char** attributes) {
    Reader& reader = self(data);
    reader.progressed_ = true;
    if (++reader.depth_ > reader.limits_.depth_max) return reader.stop(BodyError::too_deep);
    for (; *attributes != nullptr; attributes += 2) {
      const std::string_view name = attributes[0];
      if (name == "xmlns" || name.substr(0, 6) == "xmlns:") continue;  // names spaces, is no attribute to XPath
      if (++reader.attributes_ > reader.limits_.attributes_max) return reader.stop(BodyError::too_many_arguments);
      reader.sink_.xml_attribute(name, attributes[1]);
    }
  }
  static void on_end(void* data, const XML_Char*) {
    self(data).progressed_ = true;
    --self(data).depth_;
  }
  static void on_text(void* data, const XML_Char* text, int size) {
    Reader& reader = self(data);
    reader.progressed_ = true;
    const auto bytes = static_cast<std::size_t>(size);
    if (reader.text_.size() + bytes > reader.limits_.value_bytes_max) return reader.stop(BodyError::too_large);
    reader.text_.append(text, bytes);
  }
  // callback: expat dictates the parameters
  /// Comments, declarations and whatever else has no callback.
  static void on_other(void* data, const XML_Char*, int) { self(data).progressed_ = true; }

  static constexpr std::size_t block_min = 4096, block_max = 64u << 20;

  BodySink& sink_;
  BodyLimits limits_;
  XML_Parser parser_;
  std::string pending_;
  std::size_t block_{block_min};  // bytes to collect before expat is called again
  std::string text_;
  std::uint32_t depth_{0};
  std::uint32_t attributes_{0};
  bool progressed_{false};
  bool seen_{false};
  BodyError error_{BodyError::none};
};

XmlParser::XmlParser(BodySink& sink, const BodyLimits& limits) : reader_(std::make_unique<Reader>(sink, limits)) {}

XmlParser::~XmlParser() = default;

bool XmlParser::feed(std::string_view piece) {
  if (error() != BodyError::none) return false;
  const BodyError met = reader_->feed(piece);
  if (met == BodyError::none) return true;
  reader_->give_up();
  return fail(met);
}

bool XmlParser::finish() {
  if (error() != BodyError::none) return false;
  const BodyError met = reader_->finish();
  return met == BodyError::none || fail(met);
}

}  // namespace gatehouse::filters
