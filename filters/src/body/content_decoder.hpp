// ContentDecoder: undoes the codings of a message's content (RFC 9110 8.4.1: gzip, deflate; RFC 7932: br; RFC 8878: zstd), so that rules
// see what the receiver will see. Fed in pieces of any size, bounded against content that grows without end: by bytes, by
// the ratio to what came in, and by the number of codings laid over each other. Every stage counts, not only the last one,
// since a stage in between can be made to work for nothing. What was decoded before a limit or a fault stays valid.
// Memory: 40 KiB for gzip and deflate, for br and zstd a window that the stream itself asks for, 16 MiB at the most for br
// (RFC 7932 9.1) and 8 MiB for zstd (RFC 9659), used as far as there is text for it. One owner, one thread; pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::filters {

enum class Coding : std::uint8_t { gzip, deflate, brotli, zstd };

/// The codings that Content-Encoding fields name, in the order in which they were applied.
class Codings {
 public:
  static constexpr std::size_t stacked_max = 2;
  /// Takes the value of one field: a list of names; `identity` is none (RFC 9110 12.5.3).
  void add(std::string_view value) noexcept;
  /// Nothing was applied.
  bool none() const noexcept { return count_ == 0 && !strange_; }
  /// All of them can be undone.
  bool known() const noexcept { return !strange_; }
  std::span<const Coding> list() const noexcept { return {list_.data(), count_}; }

 private:
  std::array<Coding, stacked_max> list_{};
  std::size_t count_{0};
  bool strange_{false};  // an unknown one, or too many
};

struct DecodeLimits {
  std::uint64_t bytes_max{0};
  std::uint32_t ratio_max{200};  // to the bytes fed, once more than ratio_floor came out
};
/// Less than this is harmless however small its coded form.
inline constexpr std::uint64_t ratio_floor = 256 * 1024;

/// Receives decoded bytes; they are valid during the call.
class DecodedSink {
 public:
  virtual ~DecodedSink() = default;
  virtual void decoded(std::string_view bytes) = 0;
};

enum class DecodeState : std::uint8_t {
  open,     // more may come
  limited,  // a limit was reached; nothing more is decoded
  broken,   // the bytes are no content in these codings, or something follows its end
};

class ContentDecoder {
 public:
  /// For codings that are known() and not none().
  ContentDecoder(const Codings& codings, const DecodeLimits& limits);
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// Decodes the next piece. Once limited or broken, it stays so and gives nothing.
  DecodeState feed(std::string_view piece, DecodedSink& to);
  DecodeState state() const noexcept { return state_; }
  /// Whether the content may end here: each of the streams is complete.
  bool complete() const noexcept;

  class Stage;

 private:
  DecodeState run(std::size_t stage, std::string_view piece, DecodedSink& to);
  std::uint64_t room_of(std::size_t stage) const noexcept;

  DecodeLimits limits_;
  std::array<std::unique_ptr<Stage>, Codings::stacked_max> stages_;  // in the order in which they run
  std::array<std::uint64_t, Codings::stacked_max> made_{};           // bytes out of each
  std::size_t count_{0};
  std::uint64_t fed_{0};
  DecodeState state_{DecodeState::open};
};

}  // namespace gatehouse::filters
