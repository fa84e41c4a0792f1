#include "body/content_decoder.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/ascii.hpp"

namespace gatehouse::filters {

/// One coding being undone. Given input with put(), then asked for output until it has none.
class ContentDecoder::Stage {
 public:
  struct Step {
    std::size_t bytes{0};  // written to the room
    bool broken{false};
    bool idle{false};  // all input is used and all output written
  };
  virtual ~Stage() = default;
  virtual void put(std::string_view piece) = 0;
  virtual Step step(std::span<char> room) = 0;
  /// A whole stream was seen and nothing of another.
  virtual bool complete() const noexcept = 0;
};

namespace {

constexpr std::size_t room_bytes = 16 * 1024;  // on the stack, for each stage
// RFC 9659: content coded for HTTP needs no window beyond 8 MiB, and what does is broken.
constexpr int zstd_window_log_max = 23;

std::optional<Coding> coding_of(std::string_view name) noexcept {
  // RFC 9110 8.4.1.3: x-gzip is gzip.
  if (same_letters(name, "gzip") || same_letters(name, "x-gzip")) return Coding::gzip;
  if (same_letters(name, "deflate")) return Coding::deflate;
  if (same_letters(name, "br")) return Coding::brotli;
  if (same_letters(name, "zstd")) return Coding::zstd;
  return std::nullopt;
}

/// gzip (RFC 1952), which may consist of several members, and deflate, which is meant to be zlib's format (RFC 1950) and
/// often is the bare one (RFC 1951); receivers take both, so its first two bytes decide.
class InflateStage final : public ContentDecoder::Stage {
 public:
  explicit InflateStage(bool gzip) : gzip_(gzip) {
    if (gzip) open(15 + 16);
  }
  ~InflateStage() override {
    if (opened_) inflateEnd(&stream_);
  }
  InflateStage(const InflateStage&) = delete;
  InflateStage& operator=(const InflateStage&) = delete;

  void put(std::string_view piece) override {
    if (!opened_) {
      start_ += piece;
      if (start_.size() < 2) return;
      const auto first = static_cast<unsigned char>(start_[0]), second = static_cast<unsigned char>(start_[1]);
      // RFC 1950 2.2: method 8, a window of 32 KiB at the most, and a check over both bytes.
      const bool zlib = (first & 0x0f) == 8 && first >> 4 <= 7 && (first * 256u + second) % 31 == 0;
      open(zlib ? 15 : -15);
      piece = start_;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
  }

  Step step(std::span<char> room) override {
    if (failed_) return {0, true, true};
    if (!opened_) return {0, false, true};
    // Another member may follow (RFC 1952 2.2); after the end of anything else there must be nothing.
    if (ended_ && stream_.avail_in != 0) {
      if (!gzip_) return {0, true, true};
      inflateReset(&stream_);
      ended_ = false;
    }
    if (ended_) return {0, false, true};
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    const int said = inflate(&stream_, Z_NO_FLUSH);
    ended_ = said == Z_STREAM_END;
    failed_ = said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR;
    const std::size_t bytes = room.size() - stream_.avail_out;
    return {bytes, failed_, stream_.avail_in == 0 && stream_.avail_out != 0};
  }
  bool complete() const noexcept override { return ended_ && !failed_; }

 private:
  void open(int window_bits) {
    opened_ = inflateInit2(&stream_, window_bits) == Z_OK;
    failed_ = !opened_;
  }

  z_stream stream_{};
  std::string start_;  // of deflate, until its format is known
  bool gzip_;
  bool opened_{false}, ended_{false}, failed_{false};
};

class BrotliStage final : public ContentDecoder::Stage {
 public:
  BrotliStage() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  ~BrotliStage() override { BrotliDecoderDestroyInstance(state_); }
  BrotliStage(const BrotliStage&) = delete;
  BrotliStage& operator=(const BrotliStage&) = delete;

  void put(std::string_view piece) override { next_ = reinterpret_cast<const std::uint8_t*>(piece.data()), left_ = piece.size(); }

  Step step(std::span<char> room) override {
    if (state_ == nullptr || (ended_ && left_ != 0)) return {0, true, true};
    if (ended_) return {0, false, true};
    auto* out = reinterpret_cast<std::uint8_t*>(room.data());
    std::size_t space = room.size();
    const auto said = BrotliDecoderDecompressStream(state_, &left_, &next_, &space, &out, nullptr);
    ended_ = said == BROTLI_DECODER_RESULT_SUCCESS;
    const bool broken = said == BROTLI_DECODER_RESULT_ERROR;
    return {room.size() - space, broken, said == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT};
  }
  bool complete() const noexcept override { return ended_; }

 private:
  BrotliDecoderState* state_;
  const std::uint8_t* next_{nullptr};
  std::size_t left_{0};
  bool ended_{false};
};

/// zstd (RFC 8878), which may consist of several frames, some of them to be skipped.
class ZstdStage final : public ContentDecoder::Stage {
 public:
  ZstdStage() : stream_(ZSTD_createDStream()) {
    failed_ = stream_ == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, zstd_window_log_max)) != 0;
  }
  ~ZstdStage() override { ZSTD_freeDStream(stream_); }
  ZstdStage(const ZstdStage&) = delete;
  ZstdStage& operator=(const ZstdStage&) = delete;

  void put(std::string_view piece) override { in_ = {piece.data(), piece.size(), 0}; }

  Step step(std::span<char> room) override {
    if (failed_) return {0, true, true};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t said = ZSTD_decompressStream(stream_, &out, &in_);
    failed_ = ZSTD_isError(said) != 0;
    // 0: a frame has ended, and all of it is written. Another may follow (RFC 8878 3).
    ended_ = !failed_ && said == 0;
    return {out.pos, failed_, in_.pos == in_.size && (ended_ || out.pos < out.size)};
  }
  bool complete() const noexcept override { return ended_; }

 private:
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool ended_{false}, failed_{false};
};

std::unique_ptr<ContentDecoder::Stage> stage_for(Coding coding) {
  if (coding == Coding::brotli) return std::make_unique<BrotliStage>();
  if (coding == Coding::zstd) return std::make_unique<ZstdStage>();
  return std::make_unique<InflateStage>(coding == Coding::gzip);
}

}  // namespace

void Codings::add(std::string_view value) noexcept {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view name = trimmed(value.substr(0, comma));
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    // RFC 9110 5.6.1.2: empty elements of a list are passed over.
    if (name.empty() || same_letters(name, "identity")) continue;
    const auto coding = coding_of(name);
    if (!coding || count_ == stacked_max) {
      strange_ = true;
    } else {
      list_[count_++] = *coding;
    }
  }
}

ContentDecoder::ContentDecoder(const Codings& codings, const DecodeLimits& limits) : limits_(limits) {
  const auto list = codings.list();
  // RFC 9110 8.4: listed in the order in which they were applied, so the last one is undone first.
  for (auto coding = list.rbegin(); coding != list.rend(); ++coding) stages_[count_++] = stage_for(*coding);
}

ContentDecoder::~ContentDecoder() = default;

/// How much more may come out of a stage.
std::uint64_t ContentDecoder::room_of(std::size_t stage) const noexcept {
  const std::uint64_t by_ratio = std::max(ratio_floor, fed_ * limits_.ratio_max);
  const std::uint64_t most = std::min(limits_.bytes_max, by_ratio);
  return most - std::min(most, made_[stage]);
}

DecodeState ContentDecoder::feed(std::string_view piece, DecodedSink& to) {
  if (state_ != DecodeState::open || piece.empty()) return state_;
  fed_ += piece.size();
  state_ = run(0, piece, to);
  return state_;
}

DecodeState ContentDecoder::run(std::size_t stage, std::string_view piece, DecodedSink& to) {
  if (stage == count_) {
    to.decoded(piece);
    return DecodeState::open;
  }
  std::array<char, room_bytes> space;
  Stage& here = *stages_[stage];
  here.put(piece);
  for (;;) {
    const Stage::Step step = here.step(space);
    const std::size_t kept = static_cast<std::size_t>(std::min<std::uint64_t>(step.bytes, room_of(stage)));
    made_[stage] += kept;
    const DecodeState after = kept == 0 ? DecodeState::open : run(stage + 1, {space.data(), kept}, to);
    if (after != DecodeState::open) return after;
    if (kept < step.bytes) return DecodeState::limited;
    if (step.broken) return DecodeState::broken;
    if (step.idle) return DecodeState::open;
  }
}

bool ContentDecoder::complete() const noexcept {
  if (fed_ == 0) return true;
  return state_ == DecodeState::open && std::all_of(stages_.begin(), stages_.begin() + static_cast<std::ptrdiff_t>(count_),
                                                   [](const auto& stage) { return stage->complete(); });
}

}  // namespace gatehouse::filters
