#include "gateway/cdn/compressor.hpp"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace gatehouse::cdn {
namespace {

// Measured on HTML, JSON, CSS and scripts (docs/decisions/0016-compressed-once.md). Windows are cut to the content: a
// larger one costs memory, which many fills at a time would have to share.
constexpr int gzip_level = 6;
constexpr int brotli_quality = 5;
constexpr int brotli_window_max = 18;
constexpr int zstd_level = 6;
constexpr int zstd_window_min = 10;  // RFC 8878 3.1.1.1.2
constexpr int zstd_window_max = 19;  // far below the 8 MiB that every decoder must manage (RFC 9659)
constexpr std::size_t chunk = 16 * 1024;

/// The smallest power of two, as an exponent, that holds the content.
int window_for(std::uint64_t length, int least, int most) noexcept {
  return std::clamp(static_cast<int>(std::bit_width(length)), least, most);
}

/// Adds room to a text and takes back what was not used.
class Room {
 public:
  explicit Room(std::string& out) : out_(out), begin_(out.size()) { out_.resize(begin_ + chunk); }
  ~Room() { out_.resize(begin_ + used_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  char* data() noexcept { return out_.data() + begin_; }
  void use(std::size_t n) noexcept { used_ = n; }

 private:
  std::string& out_;
  std::size_t begin_;
  std::size_t used_{0};
};

class Gzip final : public Compressor {
 public:
  bool begin() {
    constexpr int gzip_format = 16 + 15;  // zlib's words for a gzip head and a window of 32 KiB
    open_ = deflateInit2(&stream_, gzip_level, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    return open_;
  }
  ~Gzip() override {
    if (open_) deflateEnd(&stream_);
  }

 private:
  bool run(std::span<const char> bytes, Step step, std::string& out) override {
    constexpr std::array<int, 3> modes{Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    for (bool full = true; full;) {
      Room room(out);
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = chunk;
      const int done = deflate(&stream_, modes[static_cast<unsigned>(step)]);
      room.use(chunk - stream_.avail_out);
      if (done == Z_STREAM_ERROR) return false;
      full = stream_.avail_out == 0 && done != Z_STREAM_END;
    }
    return stream_.avail_in == 0;
  }

  z_stream stream_{};
  bool open_{false};
};

class Brotli final : public Compressor {
 public:
  bool begin(std::uint64_t length) {
    state_ = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
    if (state_ == nullptr) return false;
    const auto set = [this](BrotliEncoderParameter what, std::uint64_t value) {
      return BrotliEncoderSetParameter(state_, what, static_cast<std::uint32_t>(value)) == BROTLI_TRUE;
    };
    return set(BROTLI_PARAM_QUALITY, brotli_quality) && set(BROTLI_PARAM_SIZE_HINT, std::min<std::uint64_t>(length, 1u << 30)) &&
           set(BROTLI_PARAM_LGWIN, static_cast<std::uint64_t>(window_for(length, BROTLI_MIN_WINDOW_BITS, brotli_window_max)));
  }
  ~Brotli() override { BrotliEncoderDestroyInstance(state_); }

 private:
  bool run(std::span<const char> bytes, Step step, std::string& out) override {
    constexpr std::array modes{BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH};
    const BrotliEncoderOperation mode = modes[static_cast<unsigned>(step)];
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    do {
      Room room(out);
      std::size_t free = chunk;
      auto* at = reinterpret_cast<std::uint8_t*>(room.data());
      const bool good = BrotliEncoderCompressStream(state_, mode, &left, &in, &free, &at, nullptr) == BROTLI_TRUE;
      room.use(chunk - free);
      if (!good) return false;
    } while (left != 0 || BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE);
    return step != Step::finish || BrotliEncoderIsFinished(state_) == BROTLI_TRUE;
  }

  BrotliEncoderState* state_{nullptr};
};

class Zstd final : public Compressor {
 public:
  bool begin(std::uint64_t length) {
    state_ = ZSTD_createCCtx();
    if (state_ == nullptr) return false;
    const auto set = [this](ZSTD_cParameter what, int value) { return ZSTD_isError(ZSTD_CCtx_setParameter(state_, what, value)) == 0; };
    return set(ZSTD_c_compressionLevel, zstd_level) && set(ZSTD_c_windowLog, window_for(length, zstd_window_min, zstd_window_max)) &&
           ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(state_, length)) == 0;
  }
  ~Zstd() override { ZSTD_freeCCtx(state_); }

 private:
  bool run(std::span<const char> bytes, Step step, std::string& out) override {
    constexpr std::array modes{ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (bool more = true; more;) {
      Room room(out);
      ZSTD_outBuffer made{room.data(), chunk, 0};
      const std::size_t left = ZSTD_compressStream2(state_, &made, &in, modes[static_cast<unsigned>(step)]);
      room.use(made.pos);
      if (ZSTD_isError(left) != 0) return false;
      more = step == Step::more ? in.pos < in.size : left != 0;
    }
    return true;
  }

  ZSTD_CCtx* state_{nullptr};
};

template <class Kind, class... Argument>
std::unique_ptr<Compressor> begun(Argument... arguments) {
  auto made = std::make_unique<Kind>();
  return made->begin(arguments...) ? std::move(made) : nullptr;
}

}  // namespace

std::unique_ptr<Compressor> Compressor::make(Coding coding, std::uint64_t length) {
  switch (coding) {
    case Coding::identity: return nullptr;
    case Coding::gzip: return begun<Gzip>();
    case Coding::br: return begun<Brotli>(length);
    case Coding::zstd: return begun<Zstd>(length);
  }
  return nullptr;
}

std::size_t Compressor::memory(Coding coding, std::uint64_t length) noexcept {
  constexpr std::size_t kib = 1024;
  const unsigned size = length <= 16 * kib ? 0 : length <= 128 * kib ? 1 : 2;
  constexpr std::array<std::size_t, 3> brotli{1024 * kib, 2816 * kib, 5120 * kib}, zstd{512 * kib, 1728 * kib, 4608 * kib};
  switch (coding) {
    case Coding::identity: return 0;
    case Coding::gzip: return 272 * kib;
    case Coding::br: return brotli[size];
    case Coding::zstd: return zstd[size];
  }
  return 0;
}

}  // namespace gatehouse::cdn
