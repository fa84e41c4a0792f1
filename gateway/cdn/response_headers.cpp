#include "gateway/cdn/response_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "gateway/http/field_line.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

using exchange::Scratch;
using http::Field;
using http::FieldKind;
using http::FieldList;

constexpr std::uint64_t draws = 1'000'000;  // so that a rate in percent keeps its four decimals
constexpr std::string_view cors_prefix = "access-control-";

Field line_in(Scratch& scratch, std::string_view name, std::string_view value) {
  return http::field_of_line(scratch.join(name, ": ", value, "\r\n"), name.size());
}

/// A head that is full to the last of its 256 places has some room for additions beside them.
void put(FieldList& fields, const Field& field) noexcept {
  if (!fields.push(field)) fields.add(field.name(), field.value());
}

bool is_cors(std::string_view name) noexcept { return http::starts_with_ignoring_case(name, cors_prefix); }

bool says_cors(const FieldList& fields) noexcept {
  return std::ranges::any_of(fields.all(), [](const Field& field) { return !field.dropped && is_cors(field.name()); });
}

void drop_cors(FieldList& fields) noexcept {
  for (Field& field : fields.all()) field.dropped |= is_cors(field.name());
}

bool varies_by_origin(const FieldList& fields) noexcept {
  return std::ranges::any_of(fields.all(), [](const Field& field) {
    return !field.dropped && field.kind == FieldKind::vary && (http::list_has(field.value(), "origin") || http::list_has(field.value(), "*"));
  });
}

bool is_preflight(const http::Request& request) noexcept {
  return request.method == http::Method::options && request.fields.find("access-control-request-method") != nullptr;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string methods_text(const std::vector<config::CorsMethod>& methods) {
  constexpr std::array<std::string_view, 7> names{"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};
  std::vector<std::string> out;
  const bool all = std::ranges::find(methods, config::CorsMethod::all) != methods.end();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (all || std::ranges::find(methods, static_cast<config::CorsMethod>(i)) != methods.end()) out.emplace_back(names[i]);
  }
  return joined(out);
}

std::string transport_text(const config::StrictTransportSecurity& from) {
  return "max-age=" + std::to_string(from.access_control_max_age_sec) + (from.include_subdomains ? "; includeSubDomains" : "") +
         (from.preload ? "; preload" : "");
}

std::string xss_text(const config::XssProtection& from) {
  if (!from.protection) return "0";
  if (from.mode_block) return "1; mode=block";
  return from.report_uri.empty() ? "1" : "1; report=" + from.report_uri;
}

std::string_view cache_metric(Delivery::Cache cache) noexcept {
  switch (cache) {
    case Delivery::Cache::hit: return "cdn-cache-hit";
    case Delivery::Cache::refresh: return "cdn-cache-refresh";
    case Delivery::Cache::miss: return "cdn-cache-miss";
  }
  return {};
}

/// Text of a number that stays where it was written.
class Milliseconds {
 public:
  explicit Milliseconds(std::uint64_t ns) noexcept
      : size_(static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), ns / 1'000'000).ptr - text_.data())) {}
  operator std::string_view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 20> text_;
  std::size_t size_;
};

/// Calls `see` with each text that the origin gave to its own time.
template <class See>
void each_timing(const FieldList& fields, const See& see) {
  for (const Field& field : fields.all()) {
    if (!field.dropped && !field.value().empty() && http::equals_ignoring_case(field.name(), "server-timing")) see(field.value());
  }
}

/// `name: ours,theirs` in one piece: an origin may have sent many lines, and scratch is not given back.
Field merged(const FieldList& fields, std::string_view name, std::string_view ours, Scratch& scratch) {
  std::size_t size = name.size() + ours.size() + 4;
  each_timing(fields, [&](std::string_view theirs) { size += theirs.size() + 1; });
  const std::span<char> room = scratch.take(size);
  char* at = room.data();
  const auto write = [&at](std::string_view text) { at += text.copy(at, text.size()); };
  write(name), write(": "), write(ours);
  each_timing(fields, [&](std::string_view theirs) { write(","), write(theirs); });
  write("\r\n");
  return http::field_of_line({room.data(), room.size()}, name.size());
}

}  // namespace

ResponseHeadersPolicy::ResponseHeadersPolicy(const config::ResponseHeadersPolicy& from) : name_(from.name) {
  for (const config::RemoveHeader& header : from.remove_headers_config.items) removed_.push_back(header.header);
  if (from.cors_config) compile_cors(*from.cors_config);
  compile_security(from.security_headers_config);
  for (const config::CustomHeader& header : from.custom_headers_config.items) add(header.header, header.value, header.override);
  times_ = from.server_timing_headers_config.enabled;
  sampled_below_ = static_cast<std::uint64_t>(from.server_timing_headers_config.sampling_rate * (draws / 100.0) + 0.5);
}

Field ResponseHeadersPolicy::line(std::string_view name, std::string_view value) {
  std::string& text = lines_.emplace_back(name);
  text += ": ";
  text += value;
  text += "\r\n";
  return http::field_of_line(text, name.size());
}

void ResponseHeadersPolicy::add(std::string_view name, std::string_view value, bool override) {
  added_.push_back({line(name, value), override});
}

ResponseHeadersPolicy::Origin ResponseHeadersPolicy::origin_of(std::string_view text) {
  Origin out;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    out.scheme = text.substr(0, scheme + 3);
    text.remove_prefix(scheme + 3);
  }
  out.below = text.starts_with('*');
  out.host = out.below ? text.substr(1) : text;
  return out;
}

/// Without a scheme any will do. A port counts: the one of the scheme is never written (RFC 6454 6.2).
bool ResponseHeadersPolicy::allows(const Origin& allowed, std::string_view origin) noexcept {
  const std::size_t scheme = origin.find("://");
  const std::size_t host_at = scheme == std::string_view::npos ? 0 : scheme + 3;
  if (!allowed.scheme.empty() && !http::equals_ignoring_case(origin.substr(0, host_at), allowed.scheme)) return false;
  const std::string_view host = origin.substr(host_at);
  if (!allowed.below) return http::equals_ignoring_case(host, allowed.host);
  return host.size() > allowed.host.size() && http::equals_ignoring_case(host.substr(host.size() - allowed.host.size()), allowed.host);
}

void ResponseHeadersPolicy::compile_cors(const config::CorsConfig& from) {
  Cors& cors = cors_.emplace(Cors{});
  for (const std::string& text : from.access_control_allow_origins) cors.origins.push_back(origin_of(text));
  cors.any = std::ranges::find(from.access_control_allow_origins, "*") != from.access_control_allow_origins.end();
  cors.override = from.origin_override;
  cors.vary = line("Vary", "Origin");
  if (cors.any) cors.always.push_back(line("Access-Control-Allow-Origin", "*"));
  if (from.access_control_allow_credentials) cors.always.push_back(line("Access-Control-Allow-Credentials", "true"));
  if (!from.access_control_expose_headers.empty()) {
    cors.always.push_back(line("Access-Control-Expose-Headers", joined(from.access_control_expose_headers)));
  }
  if (!from.access_control_allow_methods.empty()) {
    cors.preflight.push_back(line("Access-Control-Allow-Methods", methods_text(from.access_control_allow_methods)));
  }
  if (!from.access_control_allow_headers.empty()) {
    cors.preflight.push_back(line("Access-Control-Allow-Headers", joined(from.access_control_allow_headers)));
  }
  if (from.access_control_max_age_sec != 0) {
    cors.preflight.push_back(line("Access-Control-Max-Age", std::to_string(from.access_control_max_age_sec)));
  }
}

void ResponseHeadersPolicy::compile_security(const config::SecurityHeadersConfig& from) {
  if (const auto& csp = from.content_security_policy) add("Content-Security-Policy", csp->content_security_policy, csp->override);
  if (const auto& referrer = from.referrer_policy) add("Referrer-Policy", referrer->referrer_policy, referrer->override);
  if (const auto& sts = from.strict_transport_security) add("Strict-Transport-Security", transport_text(*sts), sts->override);
  if (const auto& type = from.content_type_options) add("X-Content-Type-Options", "nosniff", type->override);
  if (const auto& frame = from.frame_options) {
    add("X-Frame-Options", frame->frame_option == config::FrameOption::deny ? "DENY" : "SAMEORIGIN", frame->override);
  }
  if (const auto& xss = from.xss_protection) add("X-XSS-Protection", xss_text(*xss), xss->override);
}

void ResponseHeadersPolicy::apply(const http::Request& request, http::Response& response, const Delivery& delivery, Scratch& scratch) const {
  FieldList& fields = response.fields;
  for (const std::string& name : removed_) {
    fields.drop_named(name);
    // The gateway is a server too, and has a clock (RFC 9110 6.6.1).
    if (http::equals_ignoring_case(name, "server")) put(fields, line_in(scratch, "Server", "gatehouse"));
    if (http::equals_ignoring_case(name, "date")) put(fields, line_in(scratch, "Date", delivery.date));
  }
  if (cors_) apply_cors(request, fields, scratch);
  for (const PolicyField& added : added_) {
    if (added.override) {
      fields.drop_named(added.field.name());
    } else if (fields.sends(added.field.name())) {
      continue;
    }
    put(fields, added.field);
  }
  if (times_) apply_timing(request, fields, delivery, scratch);
}

void ResponseHeadersPolicy::apply_cors(const http::Request& request, FieldList& fields, Scratch& scratch) const {
  // Whoever keeps this response must not give it to scripts of another origin, or to none's (Fetch standard, "CORS protocol
  // and HTTP caches").
  if (!cors_->any && !varies_by_origin(fields)) put(fields, cors_->vary);
  const Field* const origin = request.fields.first(FieldKind::origin);
  if (origin == nullptr) return;
  if (says_cors(fields)) {
    if (!cors_->override) return;
    drop_cors(fields);
  }
  const auto fits = [&](const Origin& allowed) { return allows(allowed, origin->value()); };
  if (!cors_->any && std::ranges::none_of(cors_->origins, fits)) return;
  if (!cors_->any) put(fields, line_in(scratch, "Access-Control-Allow-Origin", origin->value()));
  for (const Field& field : cors_->always) put(fields, field);
  if (!is_preflight(request)) return;
  for (const Field& field : cors_->preflight) put(fields, field);
}

void ResponseHeadersPolicy::apply_timing(const http::Request& request, FieldList& fields, const Delivery& delivery, Scratch& scratch) const {
  const Field* const pragma = request.fields.first(FieldKind::pragma);
  const bool asked_for = pragma != nullptr && http::list_has(pragma->value(), "server-timing");
  if (!asked_for && delivery.draw % draws >= sampled_below_) return;
  constexpr std::string_view name = "Server-Timing";
  const Milliseconds up(delivery.upstream_ns.value_or(0)), down(delivery.downstream_ns);
  const std::string_view upstream = delivery.upstream_ns ? scratch.join(",cdn-upstream-fbl;dur=", up) : std::string_view();
  const bool known = !delivery.request_id.empty();
  const std::string_view ours =
      scratch.join(cache_metric(delivery.cache), known ? ",cdn-rid;desc=\"" : "", delivery.request_id, known ? "\"" : "", upstream,
                   ",cdn-downstream-fbl;dur=", down);
  // What is stored was said of another request.
  const bool of_this_request = delivery.cache == Delivery::Cache::miss;
  const Field timing = of_this_request ? merged(fields, name, ours, scratch) : line_in(scratch, name, ours);
  fields.drop_named(name);
  put(fields, timing);
}

}  // namespace gatehouse::cdn
