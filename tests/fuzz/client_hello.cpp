// Arbitrary bytes as a ClientHello: nothing crashes, and a fingerprint has its form whatever the client says.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/tls/fingerprint.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  const auto hello = tls::parse_client_hello(body);
  if (!hello) return 0;
  const tls::Fingerprints made = tls::fingerprints_of(*hello);
  for (const char c : made.ja3_text()) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) std::abort();
  }
  const std::string_view ja4 = made.ja4_text();
  if (ja4[0] != 't' || ja4[10] != '_' || ja4[23] != '_') std::abort();
  return 0;
}
