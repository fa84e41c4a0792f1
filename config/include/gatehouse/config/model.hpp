// The configuration as plain structs: what was asked for, with every default in its only home. load() fills them from
// YAML; nothing here reads files, sockets or clocks. Names are snake_case forms of AWS's names where AWS has one.
// Immutable after load; shared between threads as const.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

using Milliseconds = std::chrono::milliseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Where a value was written, for messages that come after loading (a port in use, a certificate that expired).
struct Position {
  std::string file;
  int line{0};    // 1-based; 0: not from a file
  int column{0};  // 1-based
};

struct Admin {
  std::string listen{"127.0.0.1:9900"};    // address:port, or unix:/path
  std::vector<std::string> allowed_hosts;  // Host/Origin names accepted besides local ones
};

enum class LogFormat : std::uint8_t { json };

struct AccessLog {
  std::string path{"stdout"};  // stdout, stderr, off, or a file that is reopened on USR1
  LogFormat format{LogFormat::json};
  std::uint64_t buffer{1u << 20};  // bytes per worker; a line that does not fit is dropped and counted
};

/// What web ACLs found: a line for each request with a match.
struct WafLog {
  std::string path{"off"};         // as of the access log
  std::uint64_t buffer{1u << 20};  // as of the access log
};

struct Logs {
  AccessLog access;
  WafLog waf;
};

struct Certificate {
  std::string name;
  std::string certificate_file;                  // PEM chain, leaf first
  std::string private_key_file;                  // PEM; exactly one of file and command
  std::vector<std::string> private_key_command;  // its standard output is the PEM key
  Position position;
};

enum class ListenerProtocol : std::uint8_t { http, https };

struct TlsSettings {
  std::string security_policy{"ELBSecurityPolicy-TLS13-1-2-Res-2021-06"};
  std::vector<std::string> certificates;  // names; the first is the default one
  bool session_tickets{true};
  Milliseconds ticket_rotation{std::chrono::hours(8)};
};

enum class RedirectStatus : std::uint16_t { moved_permanently = 301, found = 302 };

struct Redirect {  // each may hold #{protocol} #{host} #{port} #{path} #{query}
  std::string protocol{"#{protocol}"};
  std::string host{"#{host}"};
  std::string port{"#{port}"};
  std::string path{"/#{path}"};
  std::string query{"#{query}"};
  RedirectStatus status_code{RedirectStatus::found};
};

struct FixedResponse {
  std::uint16_t status_code{503};  // 2xx, 4xx, 5xx
  std::string content_type{"text/plain"};
  std::string message_body;  // at most 1024 bytes
};

struct ForwardTarget {
  std::string name;
  std::uint16_t weight{1};  // 0-999
  Position position;
};

struct Forward {
  std::vector<ForwardTarget> target_groups;  // 1-5
};

/// Exactly one of the three is set.
struct Action {
  std::optional<Forward> forward;
  std::optional<Redirect> redirect;
  std::optional<FixedResponse> fixed_response;
  Position position;
};

/// One entry of a rule's `conditions`; exactly one list is not empty. Conditions are ANDed, values inside one ORed.
struct Condition {
  std::vector<std::string> host_header;   // * and ?, case-insensitive
  std::vector<std::string> path_pattern;  // * and ?, case-sensitive
  Position position;
};

struct Rule {
  std::uint32_t priority{0};  // 1-50000, unique in the listener, lowest first
  std::vector<Condition> conditions;
  std::vector<Action> actions;
  std::string web_acl;  // takes the place of the listener's; empty: the listener's
  Position position;
};

struct AccessList {
  std::vector<std::string> allow;  // CIDR blocks; when not empty, everything else is denied
  std::vector<std::string> deny;   // wins over allow
};

enum class RestrictionType : std::uint8_t { whitelist, blacklist };

/// Clients by the country their address is in; one whose country is not known is served.
struct GeoRestriction {
  RestrictionType restriction_type{RestrictionType::whitelist};
  std::vector<std::string> locations;  // ISO 3166-1 alpha-2
};

/// Exactly one is set. The order of the list is the order of the chain.
struct Filter {
  std::optional<AccessList> access_list;
  std::optional<GeoRestriction> geo_restriction;
  Position position;
};

enum class ForwardedFor : std::uint8_t { append, preserve, remove };

/// What a listener tells origins about the client.
struct ForwardedHeaders {
  ForwardedFor x_forwarded_for{ForwardedFor::append};
  bool client_port{false};  // adds :port in X-Forwarded-For
  bool preserve_host{false};
  std::vector<std::string> trusted_proxies;  // CIDR blocks whose X-Forwarded-* are believed
};

enum class ViewerProtocolPolicy : std::uint8_t { allow_all, redirect_to_https, https_only };
enum class AllowedMethod : std::uint8_t { get, head, options, put, post, patch, delete_ };

/// Which requests of a listener may be answered from the cache, and how.
struct Behavior {
  std::string path_pattern;  // * and ?, case-sensitive; the query is not looked at
  std::string cache_policy;  // a name of cache.policies, or of a managed one
  std::string origin_request_policy;  // a name of origin_request_policies, or of a managed one; empty: none
  std::string response_headers_policy;  // a name of response_headers_policies, or of a managed one; empty: none
  std::string target_origin;          // a target group or origin group in place of the rule's; empty: the rule's
  ViewerProtocolPolicy viewer_protocol_policy{ViewerProtocolPolicy::allow_all};
  std::vector<AllowedMethod> allowed_methods;  // empty: every method
  std::vector<AllowedMethod> cached_methods{AllowedMethod::get, AllowedMethod::head};
  std::vector<std::string> trusted_key_groups;  // whose signatures a request needs; empty: none is asked for
  bool compress{false};
  Position position;
};

/// What clients get in place of an error.
struct CustomErrorResponse {
  std::uint16_t error_code{0};
  std::string response_page_path;    // of this listener; empty: the error as it is
  std::uint16_t response_code{0};    // 0: the error's own
  Milliseconds error_caching_min_ttl{300s};  // profile cloudfront
  Position position;
};

/// Which field of responses has the tags that purges name, beside Cache-Tag and Surrogate-Key.
struct CacheTagConfig {
  std::string header_name;  // empty: none
};

struct Listener {
  std::string name;
  std::string address;  // host:port; port 0 picks a free one
  ListenerProtocol protocol{ListenerProtocol::http};
  TlsSettings tls;
  ForwardedHeaders forwarded_headers;
  std::vector<Filter> filters;
  std::string web_acl;  // empty: none
  std::vector<Behavior> behaviors;  // the first that matches; no match: not cached
  std::vector<CustomErrorResponse> custom_error_responses;  // of requests that match a behavior
  CacheTagConfig cache_tag_config;
  std::string default_root_object;  // what / stands for; empty: itself
  std::vector<Rule> rules;
  std::vector<Action> default_actions;
  Position position;
};

enum class TargetProtocol : std::uint8_t { http, https };
enum class Algorithm : std::uint8_t { round_robin };
enum class HealthProtocol : std::uint8_t { http, https, tcp };

struct HealthCheck {
  bool enabled{true};
  HealthProtocol protocol{HealthProtocol::http};
  std::uint16_t port{0};  // 0: the endpoint's own
  std::string path{"/"};
  Milliseconds interval{30s};
  Milliseconds timeout{5s};
  std::uint32_t healthy_threshold{5};
  std::uint32_t unhealthy_threshold{2};
  std::string matcher{"200"};  // "200", "200,202", "200-299"
};

/// Ejects an endpoint on what real traffic sees, between active checks.
struct OutlierDetection {
  bool enabled{true};
  std::uint32_t consecutive_failures{5};  // connect errors, resets, timeouts, 502/503/504
  Milliseconds base_ejection_time{10s};   // times the number of ejections in a row
  Milliseconds max_ejection_time{300s};
  std::uint32_t max_ejection_percent{50};  // of the group's endpoints, at least one
};

struct OriginTls {
  bool verify{true};
  std::string ca_file;      // empty: the system's store
  std::string server_name;  // SNI and name to verify; empty: the endpoint's host name
};

struct Endpoint {
  std::string address;  // host:port; a name is resolved and followed
  std::string region;   // empty: the first region
  std::string zone;
  std::uint32_t weight{128};  // 0-255
  Position position;
};

/// A field that origins get with every request, in place of the client's.
struct OriginCustomHeader {
  std::string header_name;
  std::string header_value;
  Position position;
};

enum class OriginType : std::uint8_t { s3 };
enum class SigningProtocol : std::uint8_t { sigv4 };
enum class SigningBehavior : std::uint8_t { always, never, no_override };

/// Signs the requests to a private origin.
struct OriginAccessControl {
  OriginType origin_type{OriginType::s3};
  SigningProtocol signing_protocol{SigningProtocol::sigv4};
  SigningBehavior signing_behavior{SigningBehavior::always};
  std::string region;   // AWS's, not one of ours
  std::string service{"s3"};
  std::string access_key_id;
  std::string secret_access_key_file;                  // exactly one of file and command
  std::vector<std::string> secret_access_key_command;  // its standard output is the key
  Position position;
};

enum class SiteProtocol : std::uint8_t { http, https };

struct RedirectAllRequestsTo {
  std::string host_name;  // may have a port
  SiteProtocol protocol{SiteProtocol::http};
};

/// A folder whose files are served, in place of endpoints.
struct StaticSite {
  std::string root;
  std::string index_document{"index.html"};  // of folders
  std::string error_document;  // a file below the root; empty: a short text
  std::optional<RedirectAllRequestsTo> redirect_all_requests_to;
  bool hidden_files{false};  // names that begin with a dot
  Position position;
};

struct TargetGroup {
  std::string name;
  TargetProtocol protocol{TargetProtocol::http};
  Algorithm algorithm{Algorithm::round_robin};
  HealthCheck health_check;
  OutlierDetection outlier_detection;
  OriginTls tls;
  std::uint32_t retries{1};            // 0 or 1: bounded on purpose
  std::uint32_t idle_connections{1024};  // kept per worker and endpoint
  Milliseconds deregistration_delay{300s};
  std::string origin_path;  // stands before the path of every request; empty: nothing
  std::vector<OriginCustomHeader> origin_custom_headers;
  std::optional<OriginAccessControl> origin_access_control;
  std::optional<StaticSite> static_site;
  std::vector<Endpoint> endpoints;
  Position position;
};

struct Region {
  std::string name;
  double traffic_dial{100};  // 0-100
  Position position;
};

enum class WebAclMode : std::uint8_t { block, detect, off };
enum class Oversize : std::uint8_t { reject, inspect_start };

/// What of a message's content is held back until the rules have seen it.
struct RequestInspection {
  bool inspect{true};
  std::uint64_t limit{13'107'200};  // bytes; ModSecurity's recommended SecRequestBodyLimit
  Oversize oversize{Oversize::reject};
  bool decompress{true};
  std::uint32_t decompression_ratio{200};  // content may become that many times larger by it
};

struct ResponseInspection {
  bool inspect{false};  // content; heads are always shown to rules that look at them
  std::uint64_t limit{512 * 1024};
  Oversize oversize{Oversize::inspect_start};
  bool decompress{true};
  std::uint32_t decompression_ratio{200};
  std::vector<std::string> content_types{"text/plain", "text/html", "text/xml"};
};

/// Rules that are not run, or that leave something alone, where a request's path fits.
struct Exclusion {
  std::vector<std::string> rules;       // ids, ranges of ids, or tag:TAG
  std::vector<std::string> paths;       // * and ?; empty: everywhere
  std::vector<std::string> parameters;  // empty: the rules are not run at all
  Position position;
};

/// A set of rules in ModSecurity's language, and how it is used.
struct WebAcl {
  std::string name;
  WebAclMode mode{WebAclMode::block};
  std::vector<std::string> rules;  // files, in order; may be globs
  std::uint32_t paranoia{1};       // 1-4
  std::uint32_t inbound_threshold{0};   // 0: as the rules say
  std::uint32_t outbound_threshold{0};  // 0: as the rules say
  RequestInspection request_body;
  ResponseInspection response_body;
  std::vector<Exclusion> exclusions;
  Position position;
};

/// A key that signatures of URLs and cookies are checked with.
struct PublicKey {
  std::string id;
  std::string public_key_file;  // PEM
  Position position;
};

/// Keys that behaviors trust together.
struct KeyGroup {
  std::string name;
  std::vector<std::string> public_keys;  // ids, 1-5
  Position position;
};

/// The second target group is asked when the first fails, or answers with one of the codes.
struct OriginGroup {
  std::string name;
  std::vector<std::string> members;  // two target groups
  std::vector<std::uint16_t> failover_status_codes;
  Position position;
};

enum class ListBehavior : std::uint8_t { none, whitelist, all_except, all };
enum class HeaderBehavior : std::uint8_t { none, whitelist, all_except, all_viewer, all_viewer_and_whitelist_cloudfront };

struct HeadersConfig {
  HeaderBehavior header_behavior{HeaderBehavior::none};
  std::vector<std::string> headers;
};
struct CookiesConfig {
  ListBehavior cookie_behavior{ListBehavior::none};
  std::vector<std::string> cookies;
};
struct QueryStringsConfig {
  ListBehavior query_string_behavior{ListBehavior::none};
  std::vector<std::string> query_strings;
};

/// What of a request reaches the origin beside what is in the key.
struct OriginRequestPolicy {
  std::string name;
  HeadersConfig headers_config;
  CookiesConfig cookies_config;
  QueryStringsConfig query_strings_config;
  Position position;
};

enum class CorsMethod : std::uint8_t { get, delete_, head, options, patch, post, put, all };

/// Cross-origin requests: who may read responses (Fetch standard).
struct CorsConfig {
  bool access_control_allow_credentials{false};
  std::vector<std::string> access_control_allow_headers;  // empty: not sent
  std::vector<CorsMethod> access_control_allow_methods;   // empty: not sent
  std::vector<std::string> access_control_allow_origins;
  std::vector<std::string> access_control_expose_headers;
  std::uint32_t access_control_max_age_sec{0};  // 0: not sent
  bool origin_override{false};
};

/// A field with the text it gets. `override`: in place of the origin's; else only where the origin sends none.
struct CustomHeader {
  std::string header;
  std::string value;
  bool override{false};
};
struct CustomHeadersConfig {
  std::vector<CustomHeader> items;
};

struct RemoveHeader {
  std::string header;
};
struct RemoveHeadersConfig {
  std::vector<RemoveHeader> items;
};

struct ContentSecurityPolicy {
  std::string content_security_policy;
  bool override{false};
};
struct ContentTypeOptions {
  bool override{false};
};
enum class FrameOption : std::uint8_t { deny, sameorigin };
struct FrameOptions {
  FrameOption frame_option{FrameOption::sameorigin};
  bool override{false};
};
struct ReferrerPolicy {
  std::string referrer_policy;
  bool override{false};
};
struct StrictTransportSecurity {
  std::uint32_t access_control_max_age_sec{0};
  bool include_subdomains{false};
  bool preload{false};
  bool override{false};
};
struct XssProtection {
  bool protection{false};
  bool mode_block{false};
  std::string report_uri;
  bool override{false};
};
struct SecurityHeadersConfig {
  std::optional<ContentSecurityPolicy> content_security_policy;
  std::optional<ContentTypeOptions> content_type_options;
  std::optional<FrameOptions> frame_options;
  std::optional<ReferrerPolicy> referrer_policy;
  std::optional<StrictTransportSecurity> strict_transport_security;
  std::optional<XssProtection> xss_protection;
};

struct ServerTimingHeadersConfig {
  bool enabled{false};
  double sampling_rate{0};  // percent of the responses
};

/// Fields that responses get, keep or lose on their way to the client.
struct ResponseHeadersPolicy {
  std::string name;
  std::optional<CorsConfig> cors_config;
  CustomHeadersConfig custom_headers_config;
  RemoveHeadersConfig remove_headers_config;
  SecurityHeadersConfig security_headers_config;
  ServerTimingHeadersConfig server_timing_headers_config;
  Position position;
};

enum class CacheProfile : std::uint8_t { rfc9111, cloudfront };
/// When a response that sets cookies is stored. A shared cookie is a shared session.
enum class SetCookieRule : std::uint8_t { with_lifetime, with_shared_lifetime, strip, never };
enum class RequestDirectives : std::uint8_t { ignore, revalidate };

/// How responses are stored and used again.
struct CachePolicy {
  std::string name;
  CacheProfile profile{CacheProfile::rfc9111};
  std::vector<std::string> targeted_fields{"CDN-Cache-Control"};  // RFC 9213; the first that is there wins
  RequestDirectives request_directives{RequestDirectives::ignore};
  SetCookieRule set_cookie{SetCookieRule::with_lifetime};
  Milliseconds heuristic_max{std::chrono::hours(24)};     // 0: no heuristic freshness (RFC 9111 4.2.2)
  Milliseconds stale_while_revalidate{0};                 // where the response says nothing
  Milliseconds stale_if_error{std::chrono::hours(24)};    // where the response says nothing
  Milliseconds stale_deadline{0};                         // 0: none
  bool cache_status{true};                                // RFC 9211
  // profile cloudfront
  Milliseconds min_ttl{0};
  Milliseconds default_ttl{std::chrono::hours(24)};
  Milliseconds max_ttl{std::chrono::hours(24 * 365)};
  HeadersConfig headers_config;  // in the key, and sent to the origin
  CookiesConfig cookies_config;
  QueryStringsConfig query_strings_config;
  bool enable_accept_encoding_gzip{false};
  bool enable_accept_encoding_brotli{false};
  Position position;
};

/// Where stored responses outlive a restart, and those that memory has no room for are kept.
struct CacheDisk {
  std::string path;              // a folder of its own; empty: none
  std::uint64_t size{10u * (std::uint64_t{1} << 30)};  // bytes
  std::uint64_t object_max{0};   // bytes of content; 0: a quarter of size
};

/// What all workers keep together of origins' responses.
struct Cache {
  std::uint64_t memory{256u << 20};     // bytes, all that is kept for stored responses
  std::uint64_t object_max{8u << 20};   // bytes of content in memory; larger responses go to disk alone, or pass through
  CacheDisk disk;
  std::vector<std::string> purge_from;  // CIDR blocks whose PURGE requests are carried out
  std::vector<CachePolicy> policies;
};

/// Where clients are, by their addresses: databases in MaxMind's format.
struct Geo {
  std::string database;      // places: a city or country database; empty: none
  std::string asn_database;  // autonomous systems; empty: none
};

/// Every limit of the data plane; each is answered with its own status and reason.
struct Limits {
  std::uint32_t request_line{16 * 1024};      // bytes -> 414
  std::uint32_t header_field{16 * 1024};      // bytes of one field -> 431
  std::uint32_t request_headers{64 * 1024};   // bytes of the whole head -> 431
  std::uint32_t header_count{100};            // -> 431
  std::uint32_t response_headers{32 * 1024};  // bytes of an origin's head -> 502
  std::uint64_t request_body{0};              // bytes, 0: no limit -> 413
  std::uint64_t inspection_memory{256u << 20};  // bytes of content held for web ACLs, per worker -> 503
  std::uint32_t connections{20000};           // per process; more are closed at accept
  std::uint32_t connections_per_client{0};    // per worker and address, 0: no limit
  std::uint32_t requests_per_connection{10000};
  Milliseconds request_head_timeout{10s};  // the whole head -> 408
  Milliseconds tls_handshake_timeout{10s};
  Milliseconds keep_alive_timeout{60s};   // idle between requests: closed
  Milliseconds client_keep_alive{3600s};  // whole life of a client connection
  Milliseconds idle_timeout{60s};         // no byte in either direction during an exchange -> 408 or 504
  Milliseconds first_byte_timeout{60s};   // until the origin's response head -> 504
  Milliseconds connect_timeout{10s};      // to an origin -> 504
};

struct Config {
  std::uint32_t version{1};
  std::uint32_t workers{0};  // 0: one per core
  Admin admin;
  Logs logs;
  Limits limits;
  Milliseconds drain_timeout{30s};  // TERM: in-flight exchanges get this long
  std::vector<Certificate> certificates;
  std::vector<Listener> listeners;
  std::vector<TargetGroup> target_groups;
  std::vector<OriginGroup> origin_groups;
  std::vector<OriginRequestPolicy> origin_request_policies;
  std::vector<PublicKey> public_keys;
  std::vector<KeyGroup> key_groups;
  std::vector<ResponseHeadersPolicy> response_headers_policies;
  std::vector<Region> regions;  // in order of proximity; empty: one region, no dial
  Cache cache;
  Geo geo;
  std::vector<WebAcl> web_acls;
  std::string rule_cache;       // folder of compiled rules; empty: chosen by the environment
};

}  // namespace gatehouse::config
