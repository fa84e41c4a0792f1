#include "gateway/tls/client_hello.hpp"

#include <algorithm>

namespace gatehouse::tls {
namespace {

/// Takes numbers and vectors off the front of some bytes. After a length that lies, everything is empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool empty() const noexcept { return bytes_.empty(); }
  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::string_view take(std::size_t size) noexcept {
    if (size > bytes_.size()) return fail();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  /// What stands behind its own length of one or two bytes.
  Reader vector8() noexcept { return part(u8()); }
  Reader vector16() noexcept { return part(u16()); }

 private:
  std::string_view fail() noexcept {
    ok_ = false;
    bytes_ = {};
    return {};
  }
  unsigned number(std::size_t size) noexcept {
    unsigned value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  Reader part(std::size_t size) noexcept {
    Reader out(take(size));
    out.ok_ = ok_;
    return out;
  }

  std::string_view bytes_;
  bool ok_{true};
};

std::vector<std::uint16_t> numbers(Reader list) {
  std::vector<std::uint16_t> out;
  while (!list.empty()) {
    const std::uint16_t value = list.u16();
    if (!list.ok()) return {};
    out.push_back(value);
  }
  return out;
}

void read_extension(std::uint16_t type, Reader content, ClientHello& hello) {
  switch (type) {
    case HelloExtension::groups: hello.groups = numbers(content.vector16()); break;
    case HelloExtension::signature_algorithms: hello.signature_algorithms = numbers(content.vector16()); break;
    case HelloExtension::versions: hello.versions = numbers(content.vector8()); break;
    case HelloExtension::point_formats:
      for (Reader list = content.vector8(); !list.empty();) hello.point_formats.push_back(list.u8());
      break;
    case HelloExtension::alpn: {
      Reader list = content.vector16();
      const std::size_t size = list.u8();
      hello.protocol = list.take(size);
      break;
    }
    default: break;
  }
}

}  // namespace

bool ClientHello::has_extension(std::uint16_t type) const noexcept { return std::ranges::find(extensions, type) != extensions.end(); }

std::optional<ClientHello> parse_client_hello(std::string_view body) {
  Reader reader(body);
  ClientHello hello;
  hello.version = reader.u16();
  reader.take(32);   // random
  reader.vector8();  // session id
  hello.ciphers = numbers(reader.vector16());
  reader.vector8();  // compression methods
  if (!reader.ok()) return std::nullopt;
  if (reader.empty()) return hello;  // RFC 5246 7.4.1.2: a client may have no extensions
  Reader extensions = reader.vector16();
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    const Reader content = extensions.vector16();
    if (!extensions.ok()) return std::nullopt;
    hello.extensions.push_back(type);
    read_extension(type, content, hello);
  }
  if (!reader.ok() || !reader.empty()) return std::nullopt;
  return hello;
}

}  // namespace gatehouse::tls
