// Requests and responses for the offline WAF verbs: read from raw HTTP, HAR, or options as curl has them. A request
// owns its text; the gateway's own strict scanner has looked at it, so that what it would refuse is known, and a
// lenient reading of it can be shown to rules all the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/filters/inspection.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::cli {

using WafFields = std::vector<std::pair<std::string, std::string>>;

struct WafRequest {
  std::string method{"GET"}, target{"/"}, version{"HTTP/1.1"};
  WafFields fields;
  std::string body;
  std::string client{"127.0.0.1"};
  std::string label;              // where it came from, for output
  std::string refusal;            // why the gateway's parser refuses it; empty: it does not
  std::uint16_t refusal_status{0};

  const std::string* find(std::string_view name) const;
  /// The bytes that a client would send.
  std::string raw() const;
  filters::RequestView view() const;
};

struct WafResponse {
  std::uint16_t status{200};
  WafFields fields;
  std::string body;

  filters::ResponseView view() const;
};

/// A request with its response, where that is known.
struct WafExchange {
  WafRequest request;
  WafResponse response;
  bool has_response{false};
};

/// The bytes that a base64 text stands for (RFC 4648 4); what is no digit of it is passed over, as in text that was folded.
std::string base64_decoded(std::string_view text);

/// One request as bytes. Lines may end with LF alone, as text editors leave them; what follows the head without any
/// framing is its content.
Result<WafRequest, std::string> parse_raw_request(std::string_view raw);
Result<WafResponse, std::string> parse_raw_response(std::string_view raw);
/// All entries of a HAR document.
Result<std::vector<WafExchange>, std::string> parse_har(std::string_view text);

/// curl's options, as far as they say what is sent.
struct CurlOptions {
  std::string url;
  std::string method;                // empty: GET, or POST with data
  std::vector<std::string> headers;  // name: value
  std::vector<std::string> data;     // joined with &; @file reads one
  std::string cookie;
  std::string user_agent{"curl/7.88.1"};
};
Result<WafRequest, std::string> request_of(const CurlOptions& options);

/// Asks the gateway's scanner for its opinion of bytes and notes it in the request.
void scan_strictly(std::string_view raw, WafRequest& request);

/// Shows the exchange to the rules as the gateway does. What was decided first; `inspection` still has to finish().
filters::Decision inspect(filters::Inspection& inspection, const WafRequest& request, const WafResponse* response);

}  // namespace gatehouse::cli
