// What a head costs: scanning, marking hop-by-hop fields, writing it again, for a plain small request, a browser's request
// of 12 fields and a usual response; and chunked content taken out of its framing.
#include <benchmark/benchmark.h>

#include <string>

#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http1/chunked.hpp"
#include "gateway/http1/request_scanner.hpp"
#include "gateway/http1/response_scanner.hpp"
#include "gateway/http1/write_head.hpp"

namespace {

using namespace gatehouse;

const std::string small = "GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\n\r\n";
const std::string browser =
    "GET /static/app/main.css?v=20240611 HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"124\", \"Google Chrome\";v=\"124\", \"Not-A.Brand\";v=\"99\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\n"
    "Accept: text/css,*/*;q=0.1\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Referer: https://www.example.com/products/overview?page=2\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n"
    "Cookie: session=7c2f0b1ad8e94d3f; theme=dark; consent=analytics\r\n\r\n";
const std::string reply =
    "HTTP/1.1 200 OK\r\nServer: demo\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Length: 1024\r\nETag: \"5f3-9a\"\r\nCache-Control: max-age=60\r\n\r\n";

void scan_request(benchmark::State& state, const std::string& head) {
  static http::Request request;
  const http1::ScanLimits limits;
  for (auto _ : state) {
    http1::RequestScanner scanner;
    const http1::Scan scan = scanner.scan(head, limits, request);
    if (!scan.complete()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(request);
  }
}
BENCHMARK_CAPTURE(scan_request, small, small);
BENCHMARK_CAPTURE(scan_request, browser, browser);

void scan_drop_write_request(benchmark::State& state, const std::string& head) {
  static http::Request request;
  std::string out(4096, ' ');
  const http1::ScanLimits limits;
  for (auto _ : state) {
    http1::RequestScanner scanner;
    const http1::Scan scan = scanner.scan(head, limits, request);
    if (!scan.complete()) state.SkipWithError("refused");
    http::drop_hop_by_hop(request);
    benchmark::DoNotOptimize(http1::write_request_head(out, request, {}, {}));
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(scan_drop_write_request, small, small);
BENCHMARK_CAPTURE(scan_drop_write_request, browser, browser);

void drip_request(benchmark::State& state) {
  static http::Request request;
  const http1::ScanLimits limits;
  for (auto _ : state) {
    http1::RequestScanner scanner;
    http1::Scan scan;
    for (std::size_t n = 1; n <= browser.size(); ++n) scan = scanner.scan({browser.data(), n}, limits, request);
    if (!scan.complete()) state.SkipWithError("refused");
  }
}
BENCHMARK(drip_request);

void scan_response(benchmark::State& state) {
  static http::Response response;
  for (auto _ : state) {
    http1::ResponseScanner scanner;
    const http1::Scan scan = scanner.scan(reply, 32 * 1024, http::Method::get, response);
    if (!scan.complete()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(response);
  }
}
BENCHMARK(scan_response);

/// 64 KiB of content in chunks of one size.
void decode_chunks(benchmark::State& state) {
  std::array<char, http1::chunk_head_max> head;
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string text;
  for (std::size_t sent = 0; sent < 64 * 1024; sent += size) {
    text.append(head.data(), http1::write_chunk_head(head, size)).append(size, 'x').append("\r\n");
  }
  text += "0\r\n\r\n";
  std::string work(text.size(), ' ');
  static http1::ChunkedDecoder decoder;
  for (auto _ : state) {
    work.assign(text);  // decoding changes its input
    decoder.reset();
    std::span<char> rest(work);
    while (!decoder.done()) {
      const auto step = decoder.feed(rest);
      if (step.errc != exchange::Errc::none) state.SkipWithError("refused");
      rest = rest.subspan(step.consumed);
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * 64 * 1024);
}
BENCHMARK(decode_chunks)->Arg(16)->Arg(1024)->Arg(16 * 1024);

}  // namespace
