#include "bench/waf/traffic.hpp"

namespace gatehouse::bench {

namespace {

using peers::Request;
using Fields = std::vector<std::pair<std::string, std::string>>;

Fields browser_fields() {
  return {{"Host", "www.example.com"},
          {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"},
          {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
          {"Accept-Language", "en-US,en;q=0.5"},
          {"Accept-Encoding", "gzip, deflate, br"},
          {"Connection", "keep-alive"}};
}

Request post(std::string name, const std::string& type, std::string body) {
  Request request{std::move(name), "POST", "/contact", browser_fields(), std::move(body)};
  request.fields.emplace_back("Content-Type", type);
  request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
  return request;
}

/// Prose of about that many bytes, made of varied words so that no scanner profits from repetition.
std::string prose(std::size_t size) {
  static constexpr const char* words[] = {"the",    "garden", "was",   "quiet",   "and",     "nobody", "from",  "that",
                                          "street", "had",    "ever",  "noticed", "a",       "small",  "green", "door",
                                          "behind", "old",    "trees", "where",   "children", "played", "until", "evening"};
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    if (!text.empty()) text += (state >> 13) % 17 == 0 ? ". " : " ";
    text += words[(state >> 16) % std::size(words)];
  }
  return text;
}

std::string json(std::size_t members, std::size_t text_size) {
  std::string body = "{";
  for (std::size_t i = 0; i < members; ++i) {
    if (i != 0) body += ",";
    const std::string value = text_size == 0 ? "val" + std::to_string(i) : prose(text_size);
    body += "\"key" + std::to_string(i) + "\":\"" + value + "\"";
  }
  return body + "}";
}

}  // namespace

std::vector<Request> traffic() {
  const std::string form =
      "first=John&last=O%27Connor&street=12+Main+Street&city=Springfield&zip=12345&email=john%40example.com&"
      "phone=%2B1+555+123+4567&comment=I+would+like+to+know+more+about+your+offer%2C+please.";
  std::string argument = "text=";
  for (const char c : prose(10'000)) argument += c == ' ' ? '+' : c;
  std::vector<Request> all;
  all.push_back({"get", "GET", "/some_path/with?parameters=and&other=Stuff", browser_fields(), ""});
  all.push_back({"get-small", "GET", "/some_path/with?parameters=and&other=Stuff",
                 {{"Host", "www.example.com"}, {"User-Agent", "client/1.0"}, {"Accept", "*/*"}}, ""});
  all.push_back(post("form-8", "application/x-www-form-urlencoded", form));
  all.push_back(post("argument-10k", "application/x-www-form-urlencoded", argument));
  all.push_back(post("json-588", "application/json", json(588, 0)));
  all.push_back(post("json-20", "application/json", json(20, 480)));
  return all;
}

}  // namespace gatehouse::bench
