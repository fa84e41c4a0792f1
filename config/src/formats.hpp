// The forms a text value can have (address, CIDR block, host pattern, matcher ...): one check each, with the words that
// the documentation uses for it. A check may bring the value into its canonical form. Pure: names are not resolved.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Why a text is refused.
struct Complaint {
  std::string message;
  std::string hint;
};
using Check = std::optional<Complaint> (*)(std::string& value);

struct Format {
  std::string_view type;   // what the documentation calls it: "CIDR block"
  std::string_view range;  // its form in words: "1-128 characters"; may be empty
  std::size_t length_min{0};
  std::size_t length_max{1024};
  Check check{nullptr};
  bool is_file{false};  // relative names start at the configuration file's folder
};

extern const Format plain_text;
extern const Format name;            // of a listener, target group, certificate, region
extern const Format listen_address;  // IP:port, port 0 allowed
extern const Format admin_address;   // the same, or unix:/path
extern const Format origin_address;  // IP or name:port
extern const Format cidr_block;
extern const Format host_name;
extern const Format host_pattern;
extern const Format field_name;  // of a header
extern const Format field_value;           // text of a field that responses get
extern const Format cors_field;            // a name of a header, or *
extern const Format cors_origin;
extern const Format referrer_policy_word;
extern const Format country_code;
extern const Format path_pattern;
extern const Format request_path;  // of a health check
extern const Format status_matcher;
extern const Format redirect_protocol;
extern const Format redirect_host;
extern const Format redirect_port;
extern const Format redirect_path;
extern const Format redirect_query;
extern const Format content_type;
extern const Format message_body;
extern const Format policy_name;
extern const Format file_name;
extern const Format rule_choice;     // of a web ACL's exclusion
extern const Format inspected_part;  // what such rules leave alone
extern const Format origin_path;       // what stands before each path
extern const Format sent_field_name;   // of a field that origins get
extern const Format sent_field_value;
extern const Format credential;        // an access key's id, a region's name
extern const Format log_target;  // stdout, stderr, off or a file

/// host and port of an address that one of the formats above accepted: "[::1]:80" is ::1 and 80.
struct HostPort {
  std::string host;
  int port{0};
};
std::optional<HostPort> split_address(std::string_view address);

bool is_ip_address(const std::string& host);

}  // namespace gatehouse::config
