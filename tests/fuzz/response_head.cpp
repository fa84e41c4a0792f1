// Response heads: the same verdict however the bytes arrive; what is accepted is written in a form that is accepted again and
// frames the same content.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http1/write_head.hpp"
#include "tests/unit/gateway/http1/cases.hpp"

using namespace gatehouse;
using http1::Scan;

namespace {

void check(bool good) {
  if (!good) std::abort();
}

void check_written(const http::Response& response, http::Method method) {
  std::vector<char> out(1 << 17);
  const std::size_t size = http1::write_response_head(out, response);
  check(size != 0);
  const auto again = std::make_unique<http::Response>();
  http1::ResponseScanner scanner;
  check(scanner.scan({out.data(), size}, 1 << 17, method, *again).complete());
  check(again->status == response.status && again->reason == response.reason);
  check(again->body.kind == response.body.kind && again->body.length == response.body.length);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string head(reinterpret_cast<const char*>(data) + 2, size - 2);
  const http::Method method = data[1] & 1 ? http::Method::head : http::Method::get;
  const std::uint32_t head_max = data[1] & 2 ? 120 : 32 * 1024;
  const auto response = std::make_unique<http::Response>();
  http1::ResponseScanner scanner;
  const Scan scan = scanner.scan(head, head_max, method, *response);
  const std::string whole = http1::test::describe(scan, *response);

  const std::size_t step = 1 + data[0] % 40;
  const auto other = std::make_unique<http::Response>();
  http1::ResponseScanner dripped;
  Scan pieces;
  for (std::size_t n = std::min(step, head.size()); pieces.need_more(); n = std::min(n + step, head.size())) {
    pieces = dripped.scan({head.data(), n}, head_max, method, *other);
    if (n == head.size()) break;
  }
  // A head that is cut short may be known to be bad from its start or only later.
  const bool over = head.find("\r\n\r\n") != std::string::npos;
  if (!scan.need_more()) check(!over || http1::test::describe(pieces, *other) == whole);
  if (!scan.complete()) return 0;
  http::drop_hop_by_hop(*response);
  check_written(*response, method);
  return 0;
}
