#include "gateway/proxy/fill_compression.hpp"

namespace gatehouse::proxy {

using cache::FreshnessFlag;

namespace {

constexpr std::chrono::milliseconds stall_limit{250};

cdn::Coding coding_named(std::string_view name) noexcept {
  for (const cdn::Coding coding : {cdn::Coding::gzip, cdn::Coding::br, cdn::Coding::zstd}) {
    if (name == cdn::coding_name(coding)) return coding;
  }
  return cdn::Coding::identity;
}

}  // namespace

bool FillCompression::begin(runtime::Worker& worker, cdn::CompressionRoom& room, cdn::Codings codings, const http::Request& request,
                            http::Response& head) {
  if (!cdn::may_compress(request, head, codings)) return false;
  const cdn::Coding coding = cdn::best_coding(codings);
  const std::uint64_t length = head.body.length;
  share_ = room.take(cdn::Compressor::memory(coding, length));
  if (!share_) return false;
  compressor_ = cdn::Compressor::make(coding, length);
  const cdn::Marked marked = compressor_ ? cdn::mark_compressed(head, coding, lines_) : cdn::Marked();
  if (!marked.done) {
    stop();
    return false;
  }
  head.body = {http::BodyKind::chunked, 0};
  room_ = &room;
  coding_ = coding;
  tag_weakened_ = marked.tag_weakened;
  stall_.attach(worker.deadlines(), &flush_later, this);
  return true;
}

bool FillCompression::keep(const cache::Freshness& stored, http::Response& head) {
  if (!stored.has(FreshnessFlag::compressed)) return true;
  const http::Field* const coding = head.fields.first(http::FieldKind::content_encoding);
  if (coding == nullptr) return false;
  coding_ = coding_named(coding->value());
  const cdn::Marked marked = cdn::mark_compressed(head, coding_, lines_);
  tag_weakened_ = marked.tag_weakened;
  return marked.done;
}

void FillCompression::mark(cache::Freshness& freshness) const noexcept {
  if (coding_ == cdn::Coding::identity) return;
  freshness.set(FreshnessFlag::compressed);
  if (tag_weakened_) freshness.set(FreshnessFlag::tag_weakened);
}

bool FillCompression::append(cache::Body& body, exchange::Piece piece) {
  body_ = &body;
  plain_ += piece.bytes.size();
  if (failed_ || !put(compressor_->write(piece.bytes, out_))) return false;
  if (piece.last) {
    if (!put(compressor_->finish(out_))) return false;
    room_->done(coding_, plain_, compressed_);
    stop();
  } else if (!flushed_ && !piece.bytes.empty()) {
    flushed_ = true;
    return put(compressor_->flush(out_));
  } else if (!waiting_) {
    waiting_ = true;
    stall_.arm(stall_limit);
  }
  return true;
}

/// Content has stalled: what there is of it may be all for a while.
void FillCompression::flush_later(void* self) noexcept {
  auto& fill = *static_cast<FillCompression*>(self);
  fill.waiting_ = false;
  if (fill.compressor_ && !fill.failed_) fill.put(fill.compressor_->flush(fill.out_));
}

/// Moves what was made into the body.
bool FillCompression::put(bool made) {
  failed_ = !made;
  if (made && !out_.empty()) {
    body_->append(out_);
    compressed_ += out_.size();
  }
  out_.clear();
  return made;
}

void FillCompression::stop() noexcept {
  stall_.detach();
  compressor_.reset();
  share_ = {};
  body_ = nullptr;
}

}  // namespace gatehouse::proxy
