// BodySink: where the body parsers put what they find, and what they share: limits, faults and the parser interface.
// A parser is fed the body in pieces of any size and finds the same whatever the pieces; its memory is bounded by its
// limits. It never throws: a fault ends it, and what was found before stays found. One owner, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters {

/// One part of a multipart body that carries a file, reported when the part is complete.
struct FilePart {
  std::string_view field;      // the part's name
  std::string_view file_name;  // as the client wrote it, without quotes
  std::uint64_t bytes{0};
};

/// Every view is valid during the call only. What a receiver has no use for it need not override.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// A form field or a flattened JSON value.
  virtual void argument(std::string_view name, std::string_view value) = 0;
  /// A whole header line of a multipart part, without its line end.
  virtual void part_header(std::string_view /*part*/, std::string_view /*line*/) {}
  /// Content of the file part being read, piece by piece, before its file().
  virtual void file_bytes(std::string_view /*piece*/) {}
  virtual void file(const FilePart& /*part*/) {}
  /// The text of all elements joined; once, at the end of the document (or where it failed).
  virtual void xml_text(std::string_view /*text*/) {}
  virtual void xml_attribute(std::string_view /*name*/, std::string_view /*value*/) {}
};

enum class BodyError : std::uint8_t {
  none,
  malformed,            // the text breaks the format's grammar
  truncated,            // it ended in the middle
  too_many_arguments,   // arguments_max, attributes_max, parts_max
  too_deep,             // depth_max
  too_large,            // a name, value, header or the joined text is over its limit
  no_boundary,          // multipart without a usable boundary
  declares_entity,      // an XML document that declares entities
  bad_coding,           // not what its Content-Encoding says
  unknown_coding,       // a Content-Encoding that cannot be undone
};

/// A sentence for REQBODY_ERROR_MSG.
std::string_view to_text(BodyError error) noexcept;

struct BodyLimits {
  std::uint32_t arguments_max{1000};
  std::uint32_t attributes_max{10000};        // XML
  std::uint32_t depth_max{512};               // JSON values and XML elements inside each other
  std::size_t value_bytes_max{16u << 20};     // one name plus value; the joined XML text
  std::size_t name_bytes_max{65536};          // a flattened JSON name, which deep nesting would multiply
  std::uint32_t parts_max{1000};              // multipart
  std::uint32_t files_max{100};               // multipart; more of them set the FL flag
  std::size_t part_header_bytes_max{16384};   // all header lines of one part
};

class BodyParser {
 public:
  virtual ~BodyParser() = default;
  /// Takes the next piece; false once the parser has failed, and from then on.
  virtual bool feed(std::string_view piece) = 0;
  /// The body is complete (or was cut on purpose). Reports what is still open; false if the parser has failed.
  virtual bool finish() = 0;
  BodyError error() const noexcept { return error_; }

 protected:
  bool fail(BodyError error) noexcept {
    if (error_ == BodyError::none) error_ = error;
    return false;
  }

 private:
  BodyError error_{BodyError::none};
};

}  // namespace gatehouse::filters
