#include "gateway/cli/waf_message.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "gatehouse/filters/letters.hpp"
#include "gateway/cli/read_file.hpp"
#include "gateway/http1/chunked.hpp"
#include "gateway/http1/request_scanner.hpp"

namespace gatehouse::cli {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

const std::string* find_field(const WafFields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (filters::same_letters(key, name)) return &value;
  }
  return nullptr;
}

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  const auto& fields = *static_cast<const WafFields*>(context);
  if (index >= fields.size()) return false;
  field = {fields[index].first, fields[index].second};
  return true;
}

/// Splits a message at its first empty line; line ends are CRLF or LF. The head's lines, and what follows it.
struct Lines {
  std::vector<std::string_view> head;
  std::string_view rest;
};
Lines split(std::string_view raw) {
  Lines lines;
  while (!raw.empty()) {
    const std::size_t end = raw.find('\n');
    std::string_view line = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && !lines.head.empty()) break;
    if (!line.empty()) lines.head.push_back(line);
  }
  lines.rest = raw;
  return lines;
}

void add_fields(const Lines& lines, WafFields& fields) {
  for (std::size_t i = 1; i < lines.head.size(); ++i) {
    const std::size_t colon = lines.head[i].find(':');
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : lines.head[i].substr(colon + 1);
    fields.emplace_back(lines.head[i].substr(0, colon), trimmed(value));
  }
}

std::string dechunked(std::string_view framed) {
  std::string in(framed), out;
  http1::ChunkedDecoder decoder;
  decoder.reset();
  std::span<char> left(in);
  while (!left.empty() && !decoder.done()) {
    const auto step = decoder.feed(left);
    if (step.errc != http1::Errc::none) break;
    out.append(step.content.data(), step.content.size());
    left = left.subspan(step.consumed);
  }
  return out;
}

/// The content that the head frames (RFC 9112 6.3).
std::string content_of(const WafFields& fields, std::string_view rest) {
  const std::string* const coding = find_field(fields, "transfer-encoding");
  if (coding != nullptr && filters::same_letters(*coding, "chunked")) return dechunked(rest);
  const std::string* const length = find_field(fields, "content-length");
  if (length == nullptr) return std::string(rest);
  return std::string(rest.substr(0, std::strtoul(length->c_str(), nullptr, 10)));
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

WafFields fields_of(const boost::json::object& message) {
  WafFields fields;
  const auto* const list = message.if_contains("headers");
  if (list == nullptr || !list->is_array()) return fields;
  for (const auto& each : list->get_array()) {
    if (!each.is_object()) continue;
    const std::string name = text_of(each.get_object(), "name");
    // HTTP/2's pseudo-fields are the request line's business.
    if (!name.empty() && name.front() != ':') fields.emplace_back(name, text_of(each.get_object(), "value"));
  }
  return fields;
}

/// Path and query of a URL, and its authority.
std::pair<std::string, std::string> split_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::size_t slash = url.find_first_of("/?#");
  const std::string authority(url.substr(0, slash));
  std::string target(slash == std::string_view::npos ? "/" : url.substr(slash));
  if (target.front() != '/') target.insert(0, 1, '/');
  target.resize(std::min(target.find('#'), target.size()));  // RFC 9110 4.2.5: fragments are not sent
  return {target, authority};
}

WafExchange exchange_of(const boost::json::object& entry, std::size_t number) {
  WafExchange exchange;
  const auto* const request = entry.if_contains("request");
  if (request != nullptr && request->is_object()) {
    const auto& object = request->get_object();
    WafRequest& out = exchange.request;
    out.method = text_of(object, "method");
    const std::string version = text_of(object, "httpVersion");
    if (version.starts_with("HTTP/")) out.version = version;
    const auto [target, authority] = split_url(text_of(object, "url"));
    out.target = target;
    out.fields = fields_of(object);
    if (out.find("host") == nullptr) out.fields.emplace_back("Host", authority);
    const auto* const data = object.if_contains("postData");
    if (data != nullptr && data->is_object()) out.body = text_of(data->get_object(), "text");
    out.label = "entry " + std::to_string(number) + ": " + out.method + " " + out.target;
    scan_strictly(out.raw(), out);
  }
  const auto* const response = entry.if_contains("response");
  if (response != nullptr && response->is_object()) {
    const auto& object = response->get_object();
    const auto* const status = object.if_contains("status");
    const auto code = status != nullptr && status->is_int64() ? status->get_int64() : 0;
    exchange.has_response = code >= 100 && code <= 999;  // 0: the browser got none
    exchange.response.status = static_cast<std::uint16_t>(code);
    exchange.response.fields = fields_of(object);
    const auto* const content = object.if_contains("content");
    if (content != nullptr && content->is_object()) {
      const std::string text = text_of(content->get_object(), "text");
      exchange.response.body = text_of(content->get_object(), "encoding") == "base64" ? base64_decoded(text) : text;
    }
  }
  return exchange;
}

}  // namespace

std::string base64_decoded(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) continue;
    value = value << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) bits -= 8, out += static_cast<char>(value >> bits & 0xff);
  }
  return out;
}

const std::string* WafRequest::find(std::string_view name) const { return find_field(fields, name); }

std::string WafRequest::raw() const {
  std::string out = method + " " + target + (version.empty() ? "" : " " + version) + "\r\n";
  for (const auto& [name, value] : fields) out += name + ": " + value + "\r\n";
  return out + "\r\n" + body;
}

filters::RequestView WafRequest::view() const {
  filters::RequestView view;
  view.method = method;
  view.scheme = "http";
  view.target = target;
  const std::string_view whole = target;
  const std::size_t question = whole.find('?');
  view.path = whole.substr(0, question);
  if (question != std::string_view::npos) view.query = whole.substr(question + 1);
  view.version = version;
  if (const std::string* const host = find("host")) view.host = *host;
  view.client_text = client;
  if (const auto address = filters::parse_address(client)) view.client = *address;
  view.fields = {&field_at, &fields};
  return view;
}

filters::ResponseView WafResponse::view() const { return {status, "HTTP/1.1", {&field_at, &fields}}; }

void scan_strictly(std::string_view raw, WafRequest& request) {
  http1::RequestScanner scanner;
  http::Request head;
  const http1::Scan scan = scanner.scan({raw.data(), raw.size()}, http1::ScanLimits(), head);
  if (scan.refused()) {
    request.refusal = exchange::fault_name(scan.errc);
    request.refusal_status = scan.status;
  } else if (scan.need_more()) {
    request.refusal = "the head has no end";
    request.refusal_status = 400;
  }
}

Result<WafRequest, std::string> parse_raw_request(std::string_view raw) {
  const Lines lines = split(raw);
  if (lines.head.empty()) return Failure{std::string("there is no request line")};
  WafRequest request;
  const std::string_view line = lines.head.front();
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  request.method = line.substr(0, first);
  request.target = first == std::string_view::npos ? "/" : trimmed(line.substr(first, last > first ? last - first : line.npos));
  request.version = last != std::string_view::npos && last > first ? line.substr(last + 1) : "";
  add_fields(lines, request.fields);
  request.body = content_of(request.fields, lines.rest);
  // Chunked content is shown without its framing, which the gateway's scanner looks at beside the head.
  const bool framed = request.find("content-length") != nullptr || request.find("transfer-encoding") != nullptr;
  if (!request.body.empty() && !framed) request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
  scan_strictly(request.raw(), request);
  request.label = request.method + " " + request.target;
  return request;
}

Result<WafResponse, std::string> parse_raw_response(std::string_view raw) {
  const Lines lines = split(raw);
  if (lines.head.empty() || !lines.head.front().starts_with("HTTP/")) return Failure{std::string("there is no status line")};
  WafResponse response;
  const std::string_view line = lines.head.front();
  const std::size_t blank = line.find(' ');
  response.status = static_cast<std::uint16_t>(std::strtoul(std::string(line.substr(std::min(blank, line.size()))).c_str(), nullptr, 10));
  if (response.status < 100 || response.status > 999) return Failure{std::string("the status line has no status")};
  add_fields(lines, response.fields);
  response.body = content_of(response.fields, lines.rest);
  return response;
}

Result<std::vector<WafExchange>, std::string> parse_har(std::string_view text) {
  boost::json::error_code error;
  const auto document = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  if (error) return Failure{"it is not JSON: " + error.message()};
  const auto* const log = document.is_object() ? document.get_object().if_contains("log") : nullptr;
  const auto* const entries = log != nullptr && log->is_object() ? log->get_object().if_contains("entries") : nullptr;
  if (entries == nullptr || !entries->is_array()) return Failure{std::string("it is no HAR document: it has no log.entries")};
  std::vector<WafExchange> out;
  for (const auto& entry : entries->get_array()) {
    if (entry.is_object()) out.push_back(exchange_of(entry.get_object(), out.size() + 1));
  }
  return out;
}

Result<WafRequest, std::string> request_of(const CurlOptions& options) {
  WafRequest request;
  const auto [target, authority] = split_url(options.url);
  request.target = target;
  request.fields = {{"Host", authority.empty() ? "localhost" : authority}, {"User-Agent", options.user_agent}, {"Accept", "*/*"}};
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) return Failure{"'" + header + "' is no header: it has no colon"};
    const std::string name = header.substr(0, colon);
    std::erase_if(request.fields, [&](const auto& field) { return filters::same_letters(field.first, name); });
    const std::string_view value = trimmed(std::string_view(header).substr(colon + 1));
    if (!value.empty()) request.fields.emplace_back(name, value);  // as curl: without a value it is left out
  }
  if (!options.cookie.empty()) request.fields.emplace_back("Cookie", options.cookie);
  for (const std::string& data : options.data) {
    std::string text = data;
    if (data.starts_with('@')) {
      auto file = read_file(data.substr(1));
      if (!file) return Failure{file.error()};
      text = std::move(*file);
    }
    request.body += (request.body.empty() ? "" : "&") + text;
  }
  request.method = !options.method.empty() ? options.method : options.data.empty() ? "GET" : "POST";
  if (!options.data.empty()) {
    if (request.find("content-type") == nullptr) request.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
  }
  request.label = request.method + " " + request.target;
  scan_strictly(request.raw(), request);
  return request;
}

filters::Decision inspect(filters::Inspection& inspection, const WafRequest& request, const WafResponse* response) {
  using filters::Outcome;
  const auto stops = [](const filters::Decision& decision) {
    return decision.outcome != Outcome::pass && decision.outcome != Outcome::allow;
  };
  filters::Decision decision = inspection.on_request_head(request.view(), "explained");
  if (stops(decision)) return decision;
  if (inspection.wants_request_body()) decision = inspection.on_request_body(request.body);
  if (stops(decision)) return decision;
  decision = inspection.on_request_end();
  if (stops(decision) || response == nullptr) return decision;
  decision = inspection.on_response_head(response->view());
  if (stops(decision) || !inspection.wants_response_body()) return decision;
  decision = inspection.on_response_body(response->body);
  return stops(decision) ? decision : inspection.on_response_end();
}

}  // namespace gatehouse::cli
