// Chunked content: the same content, rest and verdict however it is cut; what was taken out can be put in again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gateway/http1/chunked.hpp"

using namespace gatehouse;
using http1::ChunkedDecoder;

namespace {

void check(bool good) {
  if (!good) std::abort();
}

struct Outcome {
  std::string content, rest, trailers;
  exchange::Errc errc{exchange::Errc::none};
  bool done{false};
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string text, std::size_t step, ChunkedDecoder& decoder) {
  Outcome outcome;
  decoder.reset();
  std::span<char> left(text);
  while (!left.empty() && !outcome.done && outcome.errc == exchange::Errc::none) {
    const auto got = decoder.feed(left.first(std::min(step, left.size())));
    check(got.consumed != 0 || got.errc != exchange::Errc::none);
    check(got.content.empty() || (got.content.data() >= left.data() && got.content.data() + got.content.size() <= left.data() + got.consumed));
    outcome.content.append(got.content.begin(), got.content.end());
    outcome.errc = got.errc;
    outcome.done = got.done;
    left = left.subspan(got.consumed);
  }
  if (outcome.errc != exchange::Errc::none) {
    outcome.content.clear();
    return outcome;
  }
  outcome.rest.assign(left.begin(), left.end());
  if (decoder.trailers() != nullptr) {
    for (const http::Field& field : decoder.trailers()->all()) {
      outcome.trailers.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static ChunkedDecoder decoder;
  static ChunkedDecoder second;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = decode(text, text.size() + 1, decoder);
  check(decode(text, 1 + data[0] % 50, second) == whole);
  if (!whole.done) return 0;

  std::array<char, http1::chunk_head_max> head;
  std::string written;
  if (!whole.content.empty()) {
    written.append(head.data(), http1::write_chunk_head(head, whole.content.size())).append(whole.content).append("\r\n");
  }
  std::vector<char> last(16 * 1024);
  written.append(last.data(), http1::write_last_chunk(last, decoder.trailers())).append(whole.rest);
  check(decode(written, written.size(), second) == whole);
  return 0;
}
