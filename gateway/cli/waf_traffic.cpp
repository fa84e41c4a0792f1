#include "gateway/cli/waf_traffic.hpp"

#include "gateway/cli/read_file.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {

void add_traffic_options(Verb verb, TrafficOptions& options) {
  verb.option("--request", options.files, "A file with one raw HTTP request, or a HAR document; repeatable, - is the standard input")
      .one_value_each();
  verb.option("--response", options.response_file, "A file with the raw HTTP response to it");
  verb.option("url", options.curl.url, "A URL or path to request, with the options below");
  verb.option("-X,--method", options.curl.method, "Its method");
  verb.option("-H,--header", options.curl.headers, "A header, 'Name: value'; repeatable").one_value_each();
  verb.option("-d,--data", options.curl.data, "Content, or @FILE; several are joined with &").one_value_each();
  verb.option("-b,--cookie", options.curl.cookie, "The Cookie header");
  verb.option("-A,--user-agent", options.curl.user_agent, "The User-Agent header").show_default();
}

Result<std::vector<WafExchange>, std::string> read_traffic(const TrafficOptions& options) {
  std::vector<WafExchange> out;
  for (const std::string& name : options.files) {
    GH_TRY(const std::string text, read_file(name));
    // A HAR document begins with a brace, and no method does (RFC 9110 5.6.2).
    const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (start != std::string::npos && text[start] == '{') {
      auto entries = parse_har(std::string_view(text).substr(start));
      if (!entries) return Failure{name + ": " + entries.error()};
      out.insert(out.end(), entries->begin(), entries->end());
      continue;
    }
    auto request = parse_raw_request(text);
    if (!request) return Failure{name + ": " + request.error()};
    out.push_back({std::move(*request), {}, false});
  }
  if (!options.curl.url.empty()) {
    GH_TRY(WafRequest request, request_of(options.curl));
    out.push_back({std::move(request), {}, false});
  }
  if (out.empty()) return Failure{std::string("give a URL, or a file with --request")};
  if (!options.response_file.empty()) {
    GH_TRY(const std::string text, read_file(options.response_file));
    auto response = parse_raw_response(text);
    if (!response) return Failure{options.response_file + ": " + response.error()};
    for (WafExchange& exchange : out) {
      if (exchange.has_response) continue;
      exchange.response = *response;
      exchange.has_response = true;
    }
  }
  return out;
}

}  // namespace gatehouse::cli
