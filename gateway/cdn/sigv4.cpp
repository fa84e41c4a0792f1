#include "gateway/cdn/sigv4.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "gateway/tls/digest.hpp"

namespace gatehouse::cdn {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t day_size = 8;  // of Sigv4Time

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_encoded(unsigned char c, std::string_view kept, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view marks = "-._~";  // RFC 3986 2.3
  const char letter = static_cast<char>(c | 0x20);
  const bool plain = (letter >= 'a' && letter <= 'z' && c < 0x80) || (c >= '0' && c <= '9');
  if (plain || marks.find(static_cast<char>(c)) != marks.npos || kept.find(static_cast<char>(c)) != kept.npos) {
    out += static_cast<char>(c);
  } else {
    out += '%';
    out += digits[c >> 4];
    out += digits[c & 15];
  }
}

/// A text of a URL in the one encoding that is signed: what is sent may encode more or less than that, and the origin signs
/// what it decoded. `+` in a query is a space to it.
void append_normalized(std::string_view text, std::string_view kept, bool plus_is_space, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    const int high = c == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      c = static_cast<unsigned char>(high << 4 | low);
      i += 2;
    } else if (plus_is_space && c == '+') {
      c = ' ';
    }
    append_encoded(c, kept, out);
  }
}

/// Parameters by name, then by value, each with a `=`.
void append_canonical_query(std::string_view query, std::string& out) {
  struct Parameter {
    std::string name, value;
    auto operator<=>(const Parameter&) const = default;
  };
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const std::string_view member = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(member.size() + 1, query.size()));
    if (member.empty()) continue;
    const std::string_view name = member.substr(0, member.find('='));
    Parameter& parameter = parameters.emplace_back();
    append_normalized(name, {}, true, parameter.name);
    append_normalized(member.substr(std::min(name.size() + 1, member.size())), {}, true, parameter.value);
  }
  std::ranges::sort(parameters);
  for (const Parameter& parameter : parameters) {
    if (&parameter != parameters.data()) out += '&';
    out.append(parameter.name).append("=").append(parameter.value);
  }
}

void append_names(std::span<const Sigv4Field> fields, std::string& out) {
  for (const Sigv4Field& field : fields) {
    if (&field != fields.data()) out += ';';
    out += field.name;
  }
}

void append_hex(const tls::Digest& digest, std::string& out) {
  const auto digits = tls::hex(digest);
  out.append(digits.data(), digits.size());
}

}  // namespace

Sigv4Time sigv4_time(std::int64_t unix_s) noexcept {
  using namespace std::chrono;
  const sys_seconds at{seconds(unix_s)};
  const year_month_day day(floor<days>(at));
  const hh_mm_ss clock(at - floor<days>(at));
  Sigv4Time out;
  char* to = out.data();
  const auto put = [&to](std::int64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
    to += digits;
  };
  put(static_cast<int>(day.year()), 4);
  put(static_cast<unsigned>(day.month()), 2);
  put(static_cast<unsigned>(day.day()), 2);
  *to++ = 'T';
  put(clock.hours().count(), 2);
  put(clock.minutes().count(), 2);
  put(clock.seconds().count(), 2);
  *to = 'Z';
  return out;
}

void append_canonical_request(const Sigv4Request& request, std::string& out) {
  out.append(request.method).append("\n");
  append_normalized(request.path_prefix, "/", false, out);
  append_normalized(request.path, "/", false, out);
  out += '\n';
  append_canonical_query(request.query, out);
  out += '\n';
  for (const Sigv4Field& field : request.fields) out.append(field.name).append(":").append(field.value).append("\n");
  out += '\n';
  append_names(request.fields, out);
  out.append("\n").append(request.payload_hash);
}

void Sigv4Signer::sign(const Sigv4Request& request, const Sigv4Time& time, std::string& out) const {
  const std::string_view date(time.data(), time.size());
  const std::string_view day = date.substr(0, day_size);
  std::string text;
  append_canonical_request(request, text);
  const tls::Digest hashed = tls::sha256(text);

  std::string scope(day);
  scope.append("/").append(credentials_.region).append("/").append(credentials_.service).append("/aws4_request");
  text.assign(algorithm).append("\n").append(date).append("\n").append(scope).append("\n");
  append_hex(hashed, text);

  tls::Digest key = tls::hmac_sha256("AWS4" + credentials_.secret_access_key, day);
  for (const std::string_view step : {std::string_view(credentials_.region), std::string_view(credentials_.service), std::string_view("aws4_request")}) {
    key = tls::hmac_sha256(tls::bytes_of(key), step);
  }
  out.assign(algorithm).append(" Credential=").append(credentials_.access_key_id).append("/").append(scope).append(",SignedHeaders=");
  append_names(request.fields, out);
  out += ",Signature=";
  append_hex(tls::hmac_sha256(tls::bytes_of(key), text), out);
}

}  // namespace gatehouse::cdn
