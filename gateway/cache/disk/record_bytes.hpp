// How records become bytes and are read from them: what record.cpp and page_record.cpp share, and nobody else.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "gateway/cache/disk/crc32c.hpp"
#include "gateway/cache/disk/record.hpp"

namespace gatehouse::cache {

inline constexpr std::uint32_t record_magic = 0x424f4847;  // "GHOB"
inline constexpr std::size_t crc_begins = 8;               // magic and the CRC itself are not covered

template <class T>
std::span<const char> bytes_of(const T& value) noexcept {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

constexpr std::uint64_t chunks_of(std::uint64_t content) noexcept { return (content + content_chunk - 1) / content_chunk; }

/// The CRCs of a content's chunks, in whatever pieces it comes.
class ChunkCrcs {
 public:
  explicit ChunkCrcs(std::string& out) noexcept : out_(out) {}
  void add(std::span<const char> piece) {
    while (!piece.empty()) {
      const std::size_t n = std::min(piece.size(), content_chunk - in_chunk_);
      crc_ = crc32c(piece.first(n), crc_);
      piece = piece.subspan(n);
      in_chunk_ += n;
      if (in_chunk_ == content_chunk) end();
    }
  }
  void end() {
    if (in_chunk_ != 0) put(out_, crc_);
    crc_ = 0;
    in_chunk_ = 0;
  }

 private:
  std::string& out_;
  std::uint32_t crc_{0};
  std::size_t in_chunk_{0};
};

/// Completes a record whose head stands at the beginning of `record`.
inline void close_record(std::string& record, RecordHead head) {
  head.magic = record_magic;
  head.meta_size = static_cast<std::uint32_t>(record.size() - sizeof head);
  head.crc = 0;
  std::memcpy(record.data(), &head, sizeof head);
  head.crc = crc32c(std::span(record).subspan(crc_begins));
  std::memcpy(record.data(), &head, sizeof head);
}

/// Takes texts off the front of a meta part.
class Cursor {
 public:
  explicit Cursor(std::span<const char> bytes) noexcept : left_(bytes.data(), bytes.size()) {}
  std::string_view take(std::size_t size) noexcept {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return {};
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }
  template <class T>
  T take() noexcept {
    T value{};
    const std::string_view text = take(sizeof value);
    if (!text.empty()) std::memcpy(&value, text.data(), sizeof value);
    return value;
  }
  std::size_t left() const noexcept { return left_.size(); }
  bool at_end() const noexcept { return ok_ && left_.empty(); }
  bool ok() const noexcept { return ok_; }

 private:
  std::string_view left_;
  bool ok_{true};
};

}  // namespace gatehouse::cache
