// Coded content: never more bytes than the limits allow, the same text however it is cut, and a stream once broken stays so.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "body/content_decoder.hpp"

using namespace gatehouse::filters;

namespace {

constexpr std::uint64_t bytes_max = 1 << 20;

class Collected final : public DecodedSink {
 public:
  void decoded(std::string_view bytes) override { text += bytes; }
  std::string text;
};

struct Outcome {
  std::string text;
  DecodeState state;
  bool complete;
};

Outcome decode(const Codings& codings, std::string_view content, std::size_t step) {
  ContentDecoder decoder(codings, {bytes_max, 200});
  Collected to;
  for (std::size_t at = 0; at < content.size(); at += step) decoder.feed(content.substr(at, step), to);
  if (to.text.size() > bytes_max) std::abort();
  if (decoder.complete() && decoder.state() != DecodeState::open) std::abort();
  return {std::move(to.text), decoder.state(), decoder.complete()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr const char* names[] = {"gzip", "deflate", "br", "gzip, br", "br, gzip", "deflate, deflate", "gzip, deflate", "br, br",
                                          "zstd", "gzip, zstd", "zstd, br"};
  if (size < 2) return 0;
  Codings codings;
  codings.add(names[data[0] % std::size(names)]);
  const std::string_view content(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = decode(codings, content, content.size() + 1), cut = decode(codings, content, 1u + data[1]);
  const std::size_t common = std::min(whole.text.size(), cut.text.size());
  if (whole.text.substr(0, common) != cut.text.substr(0, common)) std::abort();
  // The ratio counts what has come by then, so a cut may reach it earlier.
  if (whole.state == DecodeState::limited || cut.state == DecodeState::limited) return 0;
  if (whole.state != cut.state || whole.complete != cut.complete) std::abort();
  // What a decoder has not given out when it meets a fault is lost, and a cut makes it give out earlier.
  if (whole.state != DecodeState::broken && whole.text != cut.text) std::abort();
  return 0;
}
