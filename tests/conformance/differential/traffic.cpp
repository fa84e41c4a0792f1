#include "tests/conformance/differential/traffic.hpp"

#include <array>

namespace gatehouse::differential {

namespace {

using namespace std::string_view_literals;

/// What values are put together from. Each is something that an operator looks for or a transformation changes.
constexpr auto fragments = std::to_array<std::string_view>({
    "union select"sv, "UNION  SELECT"sv, "<script>alert(1)</script>"sv, "../../etc/passwd"sv, "..\\..\\win.ini"sv, "admin"sv,
    "0"sv, "1"sv, "7"sv, "42"sv, "-3"sv, "12abc"sv, "index.php"sv, "hello world"sv, "a\nb"sv, "abc"sv, "abc\n"sv, "%41%42"sv, "%u0041%u00e9"sv,
    "%"sv, "%4"sv, "%zz"sv, "%u12"sv, "\\x41\\u0042"sv, "\\101\\n\\q"sv, "\\41 \\000062"sv, "&lt;b&gt;"sv, "&#x41;&#65"sv, "&nbsp;&quot;&apos;"sv,
    "&#9999;"sv, "/* c */"sv, "/* open"sv, "*/ end"sv, "-- x"sv, "# y"sv, "\t \r\n"sv, "  "sv, "\x00"sv, "a\x00z"sv, "\xc3\xa9"sv, "\xe2\x82\xac"sv,
    "\xf0\x9f\x98\x80"sv, "\xff\xfe"sv, "\xc0\xaf"sv, "\xef\xbd\x81"sv, "\xa0"sv, "c^at /e't'c"sv, "a ;b ,c /d (e"sv, "YWJjZA=="sv, "YW Jj"sv,
    "616263"sv, "0x6162"sv, "6g"sv, "/a/./b//c/../d"sv, "/../x"sv, "./y/"sv, "."sv, "/"sv, "+"sv, "="sv, ";"sv, "'"sv, "\""sv, "@"sv,
});

constexpr auto names = std::to_array<std::string_view>({"a"sv, "b"sv, "q"sv, "id"sv, "Page"sv, "page"sv, "user.name"sv, "x[]"sv, "x[0]"sv, ""sv, "n m"sv, "long_name_of_an_argument"sv});

constexpr auto paths = std::to_array<std::string_view>({"/"sv, "/index.php"sv, "/a/b/c"sv, "/admin/panel.jsp"sv, "/a%20b/c%2Fd"sv, "/dir/"sv, "/x.tar.gz"sv, "/caf%C3%A9"sv, "/a;b=c"sv});

constexpr char hex[] = "0123456789ABCDEF";

}  // namespace

/// SplitMix64.
std::uint32_t Generator::below(std::uint32_t count) noexcept {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t mixed = (state_ ^ state_ >> 30) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
  return static_cast<std::uint32_t>((mixed ^ mixed >> 31) % count);
}

std::string_view Generator::fragment() { return fragments[below(fragments.size())]; }

std::string Generator::value() {
  std::string text;
  for (std::uint32_t i = below(4); i > 0; --i) text += fragment();
  if (one_in(12)) text = text + std::string(below(300), 'x') + text;
  return text;
}

std::string Generator::name() { return std::string(one_in(10) ? fragment() : names[below(names.size())]); }

/// As clients encode: mostly what must be, at times more, at times not at all.
std::string Generator::encoded(std::string_view text) {
  const bool all = one_in(6), sloppy = one_in(5);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_';
    const bool loose = sloppy && byte > 0x20 && byte < 0x7f && c != '&' && c != '=' && c != '#';
    if ((plain && !all) || loose) {
      out += c;
    } else if (c == ' ' && !one_in(3)) {
      out += '+';
    } else {
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

std::string Generator::pairs() {
  std::string out;
  for (std::uint32_t i = below(5); i > 0; --i) {
    if (!out.empty()) out += '&';
    out += encoded(name());
    if (!one_in(8)) out += '=' + encoded(value());
  }
  if (one_in(15)) out += "&";
  return out;
}

std::string Generator::cookies() {
  std::string out;
  for (std::uint32_t i = 1 + below(3); i > 0; --i) {
    if (!out.empty()) out += one_in(4) ? ";" : "; ";
    out += names[below(4)];
    if (!one_in(8)) out += '=' + encoded(value());
  }
  return out;
}

std::string Generator::json(int depth) {
  const auto quoted = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') out += '\\';
      if (byte < 0x20) {
        out += std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
      } else if (byte < 0x80) {
        out += c;
      }
    }
    return out + "\"";
  };
  switch (depth > 2 ? below(4) : below(6)) {
    case 0: return quoted(value());
    case 1: return std::to_string(static_cast<int>(below(2000)) - 1000);
    case 2: return one_in(2) ? "true" : "null";
    case 3: return quoted(fragment());
    case 4: {
      std::string out = "[";
      for (std::uint32_t i = below(3); i > 0; --i) out += (out.size() > 1 ? "," : "") + json(depth + 1);
      return out + "]";
    }
    default: {
      std::string out = "{";
      for (std::uint32_t i = 1 + below(3); i > 0; --i) out += (out.size() > 1 ? "," : "") + quoted(names[below(5)]) + ":" + json(depth + 1);
      return out + "}";
    }
  }
}

std::string Generator::xml(int depth) {
  std::string out = "<e";
  if (one_in(2)) out += " k=\"" + std::string(names[below(6)]) + "\"";
  out += ">";
  if (depth < 3) {
    for (std::uint32_t i = below(3); i > 0; --i) out += xml(depth + 1);
  }
  return out + (one_in(2) ? "text &lt;union select" : "plain") + "</e>";
}

std::string Generator::multipart(const std::string& boundary) {
  std::string out;
  for (std::uint32_t i = 1 + below(3); i > 0; --i) {
    out += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + std::string(names[below(6)]) + "\"";
    const bool file = one_in(3);
    if (file) out += "; filename=\"" + std::string(one_in(2) ? "a.txt" : "shell.php") + "\"\r\nContent-Type: text/plain";
    out += "\r\n\r\n" + value() + "\r\n";
  }
  return out + (one_in(15) ? "" : "--" + boundary + "--\r\n");
}

void Generator::add_content(peers::Request& request) {
  std::string type;
  switch (below(7)) {
    case 0:
    case 1:
    case 2:
      type = one_in(6) ? "application/x-www-form-urlencoded; charset=utf-8" : "application/x-www-form-urlencoded";
      request.body = pairs();
      break;
    case 3:
      type = "application/json";
      request.body = "{\"top\":" + json(0) + "}";
      if (one_in(10)) request.body.pop_back();
      break;
    case 4:
      type = "multipart/form-data; boundary=cut";
      request.body = multipart("cut");
      break;
    case 5:
      type = "text/xml";
      request.body = "<?xml version=\"1.0\"?>" + xml(0) + (one_in(10) ? "<" : "");
      break;
    default:
      type = "text/plain";
      request.body = value();
  }
  request.fields.emplace_back("Content-Type", type);
  request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
}

peers::Request Generator::request() {
  static constexpr auto methods = std::to_array<std::string_view>({"GET"sv, "GET"sv, "POST"sv, "POST"sv, "POST"sv, "PUT"sv, "DELETE"sv});
  peers::Request request;
  request.method = methods[below(methods.size())];
  request.target = paths[below(paths.size())];
  if (!one_in(3)) request.target += "?" + pairs();
  request.fields = {{"Host", one_in(8) ? "127.0.0.1:80" : "www.example.com"}, {"User-Agent", one_in(8) ? value() : "client/1.0"}};
  if (one_in(2)) request.fields.emplace_back("Cookie", cookies());
  if (one_in(2)) request.fields.emplace_back("X-Value", value());
  if (one_in(6)) request.fields.emplace_back("X-Value", value());
  if (one_in(9)) request.fields.emplace_back("x-number", std::string(fragment()));
  if (request.method[0] == 'P') add_content(request);
  return request;
}

}  // namespace gatehouse::differential
