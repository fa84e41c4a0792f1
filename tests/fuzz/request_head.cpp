// Request heads: the same verdict however the bytes arrive and wherever they lie; what is accepted is written in a form that
// is accepted again, means the same and does not change any more.
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

/// Scans pieces of `step` bytes, each time in a new buffer if `moving`.
std::string in_pieces(const std::string& head, std::size_t step, bool moving, const http1::ScanLimits& limits) {
  const auto request = std::make_unique<http::Request>();
  http1::RequestScanner scanner;
  std::vector<char> held;
  Scan scan;
  for (std::size_t n = std::min(step, head.size()); scan.need_more(); n = std::min(n + step, head.size())) {
    std::span<const char> bytes(head.data(), n);
    if (moving) {
      std::vector<char> copy(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(n));
      held.swap(copy);
      bytes = held;
    }
    scan = scanner.scan(bytes, limits, *request);
    if (n == head.size()) break;
  }
  return http1::test::describe(scan, *request);
}

void check_written(const http::Request& request) {
  std::vector<char> out(1 << 17);
  const std::size_t size = http1::write_request_head(out, request, {}, {});
  check(size != 0);
  if (request.authority.empty()) return;  // HTTP/1.0 without Host: what is sent has an empty one
  http1::ScanLimits wide;
  wide.start_line = wide.field = wide.head = 1 << 17;
  wide.count = http::fields_max;
  const auto again = std::make_unique<http::Request>();
  http1::RequestScanner scanner;
  check(scanner.scan({out.data(), size}, wide, *again).complete());
  check(again->path == request.path && again->query == request.query && again->authority == request.authority);
  check(again->body.kind == request.body.kind && again->body.length == request.body.length);
  std::vector<char> twice(1 << 17);
  check(http1::write_request_head(twice, *again, {}, {}) == size && std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size), twice.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string head(reinterpret_cast<const char*>(data) + 2, size - 2);
  http1::ScanLimits limits;
  if (data[1] & 1) limits.start_line = 60, limits.field = 40, limits.head = 200, limits.count = 6;
  const auto request = std::make_unique<http::Request>();
  http1::RequestScanner scanner;
  const Scan scan = scanner.scan(head, limits, *request);
  const std::string whole = http1::test::describe(scan, *request);
  // A head that is cut short may be known to be bad from its start or only later: to be compared, it must be over.
  if (!scan.need_more()) {
    check(in_pieces(head, 1 + data[0] % 40, (data[1] & 2) != 0, limits) == whole || head.find("\r\n\r\n") == std::string::npos);
  }
  if (!scan.complete()) return 0;
  check(scan.head_size <= head.size() && scan.head_size <= limits.head);
  http::drop_hop_by_hop(*request);
  check_written(*request);
  return 0;
}
