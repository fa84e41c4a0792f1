// Which requests an offline WAF verb looks at: files of raw HTTP or HAR, or one described with curl's options.
#pragma once

#include <string>
#include <vector>

#include "gateway/cli/waf_message.hpp"

namespace gatehouse::cli {

class Verb;

struct TrafficOptions {
  std::vector<std::string> files;  // raw HTTP or HAR, told apart by their content
  std::string response_file;       // raw HTTP, for all requests that bring none
  CurlOptions curl;
};

void add_traffic_options(Verb verb, TrafficOptions& options);

/// All of it, or what is wrong.
Result<std::vector<WafExchange>, std::string> read_traffic(const TrafficOptions& options);

}  // namespace gatehouse::cli
