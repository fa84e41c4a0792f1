// FillCompression: makes the content of a fill into one of the codings that its key stands for, as it arrives
// (docs/decisions/0016-compressed-once.md). Part of the fill; its worker's thread.
//
// What was written can be read by those who read along: the first piece at once, and what comes later when content stalls
// for a moment. Flushing each piece would cost much of what compression gains.
#pragma once

#include <memory>
#include <string>

#include "gateway/cache/body.hpp"
#include "gateway/cache/freshness.hpp"
#include "gateway/cdn/compression_room.hpp"
#include "gateway/cdn/compression_rules.hpp"
#include "gateway/runtime/deadlines.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::proxy {

class FillCompression {
 public:
  /// Begins, and makes the head that of the compressed content, where the response is to be compressed for `codings`.
  bool begin(runtime::Worker& worker, cdn::CompressionRoom& room, cdn::Codings codings, const http::Request& request, http::Response& head);
  /// For a response validated by a 304: does the same with its new head if the content is compressed already. False: it
  /// cannot be done, and the stored response is of no use any more.
  bool keep(const cache::Freshness& stored, http::Response& head);
  /// Marks what is stored, for keep() and for those who deliver it.
  void mark(cache::Freshness& freshness) const noexcept;

  /// Whether content goes through append().
  bool under_way() const noexcept { return compressor_ != nullptr; }
  /// Puts the piece into the body, compressed; with the last one all of it. False: it has failed, and so has the fill.
  bool append(cache::Body& body, exchange::Piece piece);
  /// Nothing more goes into the body.
  void stop() noexcept;

 private:
  static void flush_later(void* self) noexcept;
  bool put(bool made);

  cdn::CompressionRoom* room_{nullptr};
  cdn::CompressionRoom::Share share_;
  std::unique_ptr<cdn::Compressor> compressor_;
  cdn::Coding coding_{cdn::Coding::identity};
  bool tag_weakened_{false};
  bool flushed_{false};
  bool failed_{false};
  bool waiting_{false};  // for a stall
  cache::Body* body_{nullptr};
  std::string out_;
  std::string lines_;  // the head's new fields are views of it
  std::uint64_t plain_{0};
  std::uint64_t compressed_{0};
  runtime::Deadline stall_;
};

}  // namespace gatehouse::proxy
