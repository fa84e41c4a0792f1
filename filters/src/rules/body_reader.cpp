#include "rules/body_reader.hpp"

#include "body/json.hpp"
#include "body/urlencoded.hpp"
#include "body/xml.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::size_t raw_kept = 64 * 1024;  // capacity that a reader keeps for the next request

}  // namespace

void BodyReader::start(const EngineSettings& settings, Arena& arena) {
  settings_ = &settings;
  arena_ = &arena;
  format_ = BodyFormat::none;
  content_type_ = {};
  started_ = keep_raw_ = keep_for_audit_ = has_xml_ = over_ = false;
  limit_ = settings.request_body_limit;
  received_ = bytes_ = 0;
  codings_ = {};
  decoder_.reset();
  error_ = BodyError::none;
  parser_.reset();
  raw_.clear();
  if (raw_.capacity() > raw_kept) raw_ = {};
  arguments_.clear(), part_headers_.clear(), xml_attributes_.clear(), files_.clear();
  xml_text_ = {};
}

/// Decides how the body is read, once the rules of the first phase had their say.
void BodyReader::begin() {
  started_ = true;
  make_parser();
  // What nobody looks at need not be decoded.
  const bool looked_at = parser_ != nullptr || keep_raw_;
  if (!settings_->request_decompression.on || codings_.none() || !looked_at) return;
  if (!codings_.known()) {
    error_ = BodyError::unknown_coding;
    return;
  }
  decoder_ = std::make_unique<ContentDecoder>(codings_, DecodeLimits{limit_, settings_->request_decompression.ratio_max});
}

void BodyReader::make_parser() {
  BodyLimits limits;
  limits.arguments_max = settings_->arguments_limit;
  limits.depth_max = settings_->json_depth_limit;
  switch (format_) {
    case BodyFormat::none: break;
    case BodyFormat::urlencoded:
      parser_ = std::make_unique<UrlencodedParser>(*this, limits, settings_->argument_separator);
      break;
    case BodyFormat::multipart: parser_ = std::make_unique<MultipartParser>(content_type_, *this, limits); break;
    case BodyFormat::json: parser_ = std::make_unique<JsonParser>(*this, limits); break;
    case BodyFormat::xml: parser_ = std::make_unique<XmlParser>(*this, limits); break;
  }
}

void BodyReader::feed(std::string_view piece) {
  if (piece.empty()) return;
  if (!started_) begin();
  const std::uint64_t room = limit_ - std::min(limit_, received_);
  over_ |= piece.size() > room;
  piece = piece.substr(0, room);
  received_ += piece.size();
  if (decoder_ == nullptr) return decoded(piece);
  const DecodeState state = decoder_->feed(piece, *this);
  over_ |= state == DecodeState::limited;
  if (state == DecodeState::broken && error_ == BodyError::none) error_ = BodyError::bad_coding;
}

void BodyReader::decoded(std::string_view bytes) {
  bytes_ += bytes.size();
  if (keep_raw_ || keep_for_audit_) raw_ += bytes;
  if (parser_ != nullptr && error_ == BodyError::none && !parser_->feed(bytes)) error_ = parser_->error();
}

void BodyReader::finish() {
  // A request without a body has nothing to parse, whatever its Content-Type says.
  if (parser_ != nullptr && !parser_->finish() && error_ == BodyError::none) error_ = parser_->error();
  const bool cut_stream = decoder_ != nullptr && !decoder_->complete();
  if (cut_stream && error_ == BodyError::none) error_ = BodyError::truncated;
  // Whose start alone is looked at ends in the middle by intention.
  if (full() && error_ == BodyError::truncated) error_ = BodyError::none;
}

std::uint64_t BodyReader::bytes_outside_files() const noexcept {
  if (format_ != BodyFormat::multipart || parser_ == nullptr) return bytes_;
  return static_cast<const MultipartParser*>(parser_.get())->bytes_outside_files();
}

const MultipartFlags* BodyReader::multipart_flags() const noexcept {
  if (format_ != BodyFormat::multipart || parser_ == nullptr) return nullptr;
  return &static_cast<const MultipartParser*>(parser_.get())->flags();
}

bool BodyReader::bad_escape() const noexcept {
  return format_ == BodyFormat::urlencoded && parser_ != nullptr &&
         static_cast<const UrlencodedParser*>(parser_.get())->bad_escape();
}

void BodyReader::argument(std::string_view name, std::string_view value) {
  arguments_.push_back({arena_->copy(name), arena_->copy(value)});
}
void BodyReader::part_header(std::string_view part, std::string_view line) {
  part_headers_.push_back({arena_->copy(part), arena_->copy(line)});
}
void BodyReader::file(const FilePart& part) {
  files_.push_back({arena_->copy(part.field), arena_->copy(part.file_name), part.bytes});
}
void BodyReader::xml_text(std::string_view text) { has_xml_ = true, xml_text_ = arena_->copy(text); }
void BodyReader::xml_attribute(std::string_view name, std::string_view value) {
  has_xml_ = true;
  xml_attributes_.push_back({arena_->copy(name), arena_->copy(value)});
}

}  // namespace gatehouse::filters
