// Requests the way go-ftw makes them, and the way a server receives them.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "tests/conformance/crs4/ftw.hpp"

namespace gatehouse::ftw {

namespace {

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
      out += hex;
    }
  }
  return out;
}

/// The runner encodes form data that is not encoded yet, pair by pair.
std::string encoded_form(const std::string& data) {
  if (data.find_first_of("+%") != std::string::npos) return data;
  std::string out;
  std::size_t at = 0;
  while (at < data.size()) {
    const std::size_t end = std::min(data.find('&', at), data.size());
    const std::string pair = data.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (!out.empty()) out += '&';
    out += escaped(pair.substr(0, equals));
    if (equals != std::string::npos) out += '=' + escaped(pair.substr(equals + 1));
    at = end + 1;
  }
  return out;
}

std::string with_crlf(const std::string& text) {
  std::string lines;
  for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return lines;
}

/// Chunks put together (RFC 9112 7.1). Enough for well-formed ones.
std::string without_chunks(const std::string& body) {
  std::string content;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t size = std::strtoul(body.c_str() + at, nullptr, 16);
    const std::size_t line = body.find("\r\n", at);
    if (size == 0 || line == std::string::npos) break;
    content += body.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  return content;
}

}  // namespace

const std::string* find(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (same(key, name)) return &value;
  }
  return nullptr;
}

std::string from_base64(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) continue;
    value = value << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(value >> bits & 0xff);
  }
  return out;
}

void complete(Message& request, bool autocomplete) {
  static constexpr std::string_view form = "application/x-www-form-urlencoded";
  if (!request.body.empty() && autocomplete) {
    if (find(request.fields, "content-type") == nullptr) request.fields.emplace_back("Content-Type", form);
    if (*find(request.fields, "content-type") == form) request.body = encoded_form(request.body);
  }
  const std::string* type = find(request.fields, "content-type");
  if (type != nullptr && type->rfind("multipart/form-data;", 0) == 0) request.body = with_crlf(request.body);
  if (!autocomplete) return;
  if (find(request.fields, "connection") == nullptr) request.fields.emplace_back("Connection", "close");
  const bool has_body_method = request.method.rfind("POST", 0) == 0 || request.method == "PUT" || request.method == "PATCH" ||
                               request.method == "DELETE";
  if ((!request.body.empty() || has_body_method) && find(request.fields, "content-length") == nullptr) {
    request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
  }
}

Message from_bytes(const std::string& raw) {
  Message message;
  const std::size_t head_end = raw.find("\r\n\r\n");
  const std::string head = raw.substr(0, head_end);
  message.body = head_end == std::string::npos ? "" : raw.substr(head_end + 4);
  std::size_t at = std::min(head.find("\r\n"), head.size());
  const std::string line = head.substr(0, at);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  message.method = line.substr(0, first);
  message.target = line.substr(first + 1, last - first - 1);
  message.version = line.substr(last + 1);
  while (at < head.size()) {
    at += 2;
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string field = head.substr(at, end - at);
    const std::size_t colon = field.find(':');
    if (colon != std::string::npos) {
      const std::size_t value = field.find_first_not_of(' ', colon + 1);
      message.fields.emplace_back(field.substr(0, colon), value == std::string::npos ? "" : field.substr(value));
    }
    at = end;
  }
  return message;
}

std::string to_bytes(const Message& message) {
  std::string bytes = message.method + ' ' + message.target + ' ' + message.version + "\r\n";
  for (const auto& [name, value] : message.fields) bytes += name + ": " + value + "\r\n";
  return bytes + "\r\n" + message.body;
}

void receive(Message& message) {
  if (find(message.fields, "transfer-encoding") != nullptr) {
    message.body = without_chunks(message.body);
    // RFC 9112 6.3: a recipient that goes on removes the Content-Length of such a message.
    std::erase_if(message.fields, [](const auto& field) { return same(field.first, "content-length"); });
    return;
  }
  const std::string* length = find(message.fields, "content-length");
  // Without either there is no content, whatever follows.
  message.body.resize(length == nullptr ? 0 : std::min<std::size_t>(message.body.size(), std::strtoul(length->c_str(), nullptr, 10)));
}

}  // namespace gatehouse::ftw
