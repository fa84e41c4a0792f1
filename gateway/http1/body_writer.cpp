#include "gateway/http1/body_writer.hpp"

#include <charconv>
#include <cstring>

namespace gatehouse::http1 {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";
constexpr std::string_view end_and_last_chunk = "\r\n0\r\n\r\n";

iovec view(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

}  // namespace

void BodyWriter::begin(Wire& wire, http::Body body) noexcept {
  wire_ = &wire;
  body_ = body;
  left_ = body.length;
  sent_ = 0;
  done_ = body.kind == http::BodyKind::none || (body.kind == http::BodyKind::counted && body.length == 0);
}

Task<Try<void>> BodyWriter::send_head(runtime::Buffer out, std::size_t head_size, exchange::Piece first, milliseconds limit) {
  head_room_ = std::move(out);
  iov_[0] = {head_room_.data(), head_size};
  const std::size_t framed = frame(first, nullptr, std::span(iov_).subspan<1, pieces_max>());
  std::size_t content = 0;
  for (std::size_t i = 1; i <= framed; ++i) content += iov_[i].iov_len;
  // A copy of a few kilobytes is cheaper than a second piece for the kernel to walk.
  if (content == 0 || content > head_room_.size() - head_size) return write(framed + 1, limit);
  char* at = head_room_.data() + head_size;
  for (std::size_t i = 1; i <= framed; ++i) {
    std::memcpy(at, iov_[i].iov_base, iov_[i].iov_len);
    at += iov_[i].iov_len;
  }
  iov_[0].iov_len += content;
  return write(1, limit);
}

Task<Try<void>> BodyWriter::send(exchange::Piece piece, const http::FieldList* trailers, milliseconds limit) {
  return write(frame(piece, trailers, std::span(iov_).first<pieces_max>()), limit);
}

Task<Try<void>> BodyWriter::write(std::size_t count, milliseconds limit) {
  auto writing = wire_->write({iov_.data(), count}, limit);
  if (!writing.await_ready()) return finish(std::move(writing));
  head_room_.release();
  trailer_room_.release();
  return writing;
}

Task<Try<void>> BodyWriter::finish(Task<Try<void>> writing) {
  const Try<void> sent = co_await writing;
  head_room_.release();
  trailer_room_.release();
  co_return sent;
}

void BodyWriter::passed(std::uint64_t n) noexcept {
  GH_ASSERT(body_.kind == http::BodyKind::counted && n <= left_);
  left_ -= n;
  sent_ += n;
  done_ = left_ == 0;
}

std::size_t BodyWriter::frame(exchange::Piece piece, const http::FieldList* trailers, std::span<iovec, pieces_max> iov) {
  if (body_.kind == http::BodyKind::none) return 0;  // HEAD, 204, 304: whatever content there is stays behind
  std::size_t count = 0;
  const bool empty = piece.bytes.empty();
  sent_ += piece.bytes.size();
  if (body_.kind != http::BodyKind::chunked) {
    if (body_.kind == http::BodyKind::counted) {
      GH_ASSERT(piece.bytes.size() <= left_);
      left_ -= piece.bytes.size();
      done_ = left_ == 0;
    } else {
      done_ = piece.last;
    }
    if (!empty) iov[count++] = {const_cast<char*>(piece.bytes.data()), piece.bytes.size()};
    return count;
  }
  done_ = piece.last;
  if (!empty) {
    char* end = std::to_chars(chunk_line_.data(), chunk_line_.data() + 16, piece.bytes.size(), 16).ptr;
    std::memcpy(end, crlf.data(), crlf.size());
    iov[count++] = {chunk_line_.data(), static_cast<std::size_t>(end - chunk_line_.data()) + crlf.size()};
    iov[count++] = {const_cast<char*>(piece.bytes.data()), piece.bytes.size()};
  }
  if (!piece.last) {
    if (!empty) iov[count++] = view(crlf);
    return count;
  }
  const std::string_view fields = trailers != nullptr ? write_trailers(*trailers) : std::string_view{};
  if (fields.empty()) {
    iov[count++] = view(empty ? last_chunk : end_and_last_chunk);
    return count;
  }
  iov[count++] = view(empty ? last_chunk.substr(0, 3) : end_and_last_chunk.substr(0, 5));
  GH_DEBUG_ASSERT(count < pieces_max);
  iov[count++] = view(fields);
  return count;
}

/// The trailer section with its closing empty line, in a pooled block; empty when there is nothing to forward.
std::string_view BodyWriter::write_trailers(const http::FieldList& trailers) {
  trailer_room_ = wire_->worker().buffers().take_small();
  char* at = trailer_room_.data();
  const char* const end = at + trailer_room_.size() - 8;
  const auto put = [&](std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  for (const http::Field& field : trailers.all()) {
    if (field.dropped) continue;
    // The reader bounds a trailer section to less than this block.
    if (field.name().size() + field.value().size() + 8 > static_cast<std::size_t>(end - at)) break;
    put(field.name());
    put(": ");
    put(field.value());
    put(crlf);
  }
  if (at == trailer_room_.data()) return {};
  put(crlf);
  return {trailer_room_.data(), static_cast<std::size_t>(at - trailer_room_.data())};
}

}  // namespace gatehouse::http1
