// Chunked content (RFC 9112 7.1): ChunkedDecoder takes it out of its framing, the functions below put it in. The
// decoder is a state machine over whatever pieces arrive; it keeps nothing of the content, only the trailer section,
// which is copied into it so that its fields stay valid until reset().
//
// Strict: hex digits without blanks, CRLF only, extensions checked for syntax (RFC 9112 7.1.1) and dropped, and
// bounded a line and over the whole content, as a peer could else send megabytes around each byte.
// Trailer fields that a head must decide are refused (http::allowed_in_trailer).
//
//   for (auto step = decoder.feed(held);; ...) use step.content; held = held.subspan(step.consumed);
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/exchange/fault.hpp"
#include "gateway/http/field.hpp"

namespace gatehouse::http1 {

using exchange::Errc;

class ChunkedDecoder {
 public:
  ChunkedDecoder() = default;
  ChunkedDecoder(const ChunkedDecoder&) = delete;  // its fields are views of its own text
  ChunkedDecoder& operator=(const ChunkedDecoder&) = delete;

  static constexpr std::size_t extension_line_max = 256;        // bytes of one chunk's extensions
  static constexpr std::size_t extension_total_max = 16 * 1024; // over the whole content
  static constexpr std::size_t trailer_bytes_max = 8 * 1024;    // the trailer section, line ends included
  static constexpr std::size_t trailer_fields_max = 32;

  /// What a piece of input gave.
  struct Step {
    std::span<const char> content;  // part of the input
    std::size_t consumed{0};        // of the input, framing included; what is left belongs to the next feed
    bool done{false};               // the content is complete; what is left is another message
    Errc errc{Errc::none};          // refused: bad_chunk or bad_trailer, or origin_bad_chunk
  };

  /// Begins a message. `side` only names the fault.
  void reset(exchange::Side side = exchange::Side::client) noexcept;

  /// Reads on. Small chunks that lie behind one another in the input are moved together into one piece of content, so
  /// the input is changed; a long one ends the step. All input is consumed, or there is content, or it is done or
  /// refused. Neither done nor refused before; `in` must not be empty.
  Step feed(std::span<char> in) noexcept;

  bool done() const noexcept { return state_ == State::done; }
  /// The trailer section once done; null when it was empty. Valid until reset().
  const http::FieldList* trailers() const noexcept {
    return done() && !trailers_.all().empty() ? &trailers_ : nullptr;
  }
  http::FieldList* trailers() noexcept { return done() && !trailers_.all().empty() ? &trailers_ : nullptr; }

 private:
  enum class State : std::uint8_t { size_first, size, extension, size_lf, data, data_cr, data_lf, trailer, done, refused };
  // Inside chunk extensions: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
  enum class Extension : std::uint8_t {
    separator, name_first, name, after_name, value_first, value, quoted, escaped, after_quoted
  };

  bool framing_byte(char c) noexcept;
  bool size_byte(char c) noexcept;
  bool extension_byte(char c) noexcept;
  bool begin_extension(char c) noexcept;
  bool end_size_line() noexcept;
  std::size_t read_trailer(std::string_view in) noexcept;
  bool end_trailer_line() noexcept;
  bool refuse(Errc what) noexcept;
  void take_data(std::span<char> in, std::size_t& at, Step& step) noexcept;

  State state_{State::size_first};
  Extension extension_{Extension::separator};
  exchange::Side side_{exchange::Side::client};
  std::uint8_t digits_{0};  // of the size line under way
  Errc problem_{Errc::none};
  std::uint64_t left_{0};  // of the chunk under way; while its size is read, the size so far
  std::uint32_t extension_line_{0};
  std::uint32_t extension_total_{0};
  std::uint32_t trailer_size_{0};
  std::uint32_t trailer_line_{0};  // start of the line under way
  http::FieldList trailers_;
  std::array<char, trailer_bytes_max> trailer_text_;
};

/// Longest result of write_chunk_head: 16 hex digits and CRLF.
inline constexpr std::size_t chunk_head_max = 18;
/// Writes a chunk's size line; after the content comes CRLF. `size` is not 0. Returns how much was written.
std::size_t write_chunk_head(std::span<char, chunk_head_max> out, std::uint64_t size) noexcept;
/// Writes the last chunk, the trailer fields that are not dropped, and the end: `0 CRLF *( field CRLF ) CRLF`. Returns
/// its size, or 0 when it does not fit. Without trailers (null) it always is "0\r\n\r\n".
std::size_t write_last_chunk(std::span<char> out, const http::FieldList* trailers) noexcept;

}  // namespace gatehouse::http1
