#include "gateway/http1/body_reader.hpp"

#include <algorithm>

namespace gatehouse::http1 {

using exchange::Piece;
using http::BodyKind;

void BodyReader::begin(Wire& wire, http::Body body, std::span<char> held, std::uint64_t bytes_max) {
  wire_ = &wire;
  body_ = body;
  held_ = held;
  left_ = body.kind == BodyKind::counted ? body.length : 0;
  received_ = 0;
  bytes_max_ = bytes_max;
  done_ = body.kind == BodyKind::none || (body.kind == BodyKind::counted && left_ == 0);
  ahead_ = {};
  if (body.kind == BodyKind::chunked) chunked_.reset(wire.side());
}

Try<Piece> BodyReader::at_hand() {
  if (done_) return Piece{{}, true};
  if (held_.empty()) return Piece{};
  return cut();
}

Task<Try<Piece>> BodyReader::read(milliseconds limit) {
  GH_DEBUG_ASSERT(!done_);
  for (;;) {
    if (!held_.empty() || !ahead_.content.empty() || ahead_.errc != Errc::none) {
      auto piece = cut();
      if (!piece || !piece->bytes.empty() || piece->last) co_return piece;
    }
    const Try<bool> more = co_await fill(limit);
    if (!more) co_return Failure{more.error()};
    if (!*more) {
      if (body_.kind != BodyKind::until_close) co_return Failure{ended_early()};
      done_ = true;
      co_return Piece{{}, true};
    }
  }
}

/// Reads once into an own buffer, which is held only while there are bytes in it. False: the peer has ended.
Task<Try<bool>> BodyReader::fill(milliseconds limit) {
  const bool short_rest = body_.kind == BodyKind::counted && left_ <= runtime::BufferPool::small;
  for (;;) {
    if (!buffer_) {
      runtime::BufferPool& pool = wire_->worker().buffers();
      buffer_ = short_rest ? pool.take_small() : pool.take_large();
    }
    // The whole buffer is offered, not just what is left: a read that does not fill it tells that the socket is empty.
    const net::Io io = wire_->stream().read(buffer_.all());
    if (io.ok()) {
      held_ = buffer_.all().first(io.size());
      co_return true;
    }
    if (io.end()) co_return false;
    if (!io.would_block()) co_return Failure{wire_->fault_of(io)};
    buffer_.release();
    const Try<void> waited = co_await wire_->wait_readable(limit);
    // Silence inside content has a name of its own: the origin had begun to answer.
    if (!waited && waited.error().what == Errc::origin_timeout) co_return Failure{exchange::fault_of(Errc::origin_idle)};
    if (!waited) co_return Failure{waited.error()};
  }
}

/// Takes what is held of the content; what belongs to the next message stays.
Try<Piece> BodyReader::cut() {
  if (body_.kind == BodyKind::chunked) return cut_chunked();
  Piece piece{held_, false};
  if (body_.kind == BodyKind::counted) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(held_.size(), left_));
    piece.bytes = held_.first(n);
    left_ -= n;
    done_ = piece.last = left_ == 0;
  }
  held_ = held_.subspan(piece.bytes.size());
  received_ += piece.bytes.size();
  return piece;
}

/// Content out of its chunks. One step is looked ahead, so that the end of the content goes out with its last piece
/// when both have arrived. The piece may be empty: then what was held was framing only.
Try<Piece> BodyReader::cut_chunked() {
  if (ahead_.errc == Errc::none && ahead_.content.empty()) step_ahead();
  const ChunkedDecoder::Step step = std::exchange(ahead_, {});
  if (step.errc != Errc::none) return Failure{exchange::fault_of(step.errc)};
  received_ += step.content.size();
  if (bytes_max_ != 0 && received_ > bytes_max_) return Failure{exchange::fault_of(Errc::body_too_large)};
  if (!held_.empty() && !chunked_.done()) step_ahead();
  done_ = chunked_.done() && ahead_.content.empty() && ahead_.errc == Errc::none;
  return Piece{step.content, done_};
}

void BodyReader::step_ahead() {
  if (held_.empty()) return;
  ahead_ = chunked_.feed(held_);
  held_ = held_.subspan(ahead_.consumed);
}

void BodyReader::passed(std::uint64_t n) noexcept {
  GH_ASSERT(held_.empty() && n <= left_);
  left_ -= n;
  received_ += n;
  done_ = left_ == 0;
}

const http::FieldList* BodyReader::trailers() const noexcept {
  return body_.kind == BodyKind::chunked ? chunked_.trailers() : nullptr;
}

void BodyReader::release() noexcept {
  buffer_.release();
  held_ = {};
}

Fault BodyReader::ended_early() const noexcept {
  return exchange::fault_of(wire_->side() == Side::client ? Errc::client_closed : Errc::origin_body_short);
}

}  // namespace gatehouse::http1
