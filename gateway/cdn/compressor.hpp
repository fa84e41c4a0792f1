// Compressor: makes content into one of the codings of HTTP as it arrives, for responses that are stored and then sent many
// times (docs/decisions: compression once a response). Levels are what pays for content that is compressed once and read
// often, within what a worker may be kept busy with. Memory is bounded and known beforehand by memory(); nothing of the
// content is kept but the window that the coding looks back into. One owner, one thread; no exceptions of its own.
//
//   auto compressor = Compressor::make(Coding::gzip, length);
//   compressor->write(piece, out);   // appends to out what is ready, as often as there is something
//   compressor->flush(out);          // what was written so far can be decoded by whoever reads along
//   compressor->finish(out);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "gateway/cdn/accept_encoding.hpp"

namespace gatehouse::cdn {

class Compressor {
 public:
  /// For content of exactly `length` bytes. Null for identity, and when the library has no memory for it.
  static std::unique_ptr<Compressor> make(Coding coding, std::uint64_t length);
  virtual ~Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Each appends to `out`. False: it has failed, and what was made so far is of no use.
  bool write(std::span<const char> bytes, std::string& out) { return run(bytes, Step::more, out); }
  bool flush(std::string& out) { return run({}, Step::flush, out); }
  bool finish(std::string& out) { return run({}, Step::finish, out); }

  /// The most memory that a compressor takes, in bytes; 0 for identity.
  static std::size_t memory(Coding coding, std::uint64_t length) noexcept;

 protected:
  enum class Step : std::uint8_t { more, flush, finish };
  Compressor() = default;
  virtual bool run(std::span<const char> bytes, Step step, std::string& out) = 0;
};

}  // namespace gatehouse::cdn
