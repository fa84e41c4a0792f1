#include "gateway/cache/storing.hpp"

#include "gateway/cache/lifetime.hpp"
#include "gateway/cache/partial.hpp"
#include "gateway/cache/stored_fields.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/status.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

using http::FieldKind;
using http::Method;
using http::no_delta;

/// Everything one judgement looks at.
struct Case {
  const Policy& policy;
  const http::Request& request;
  const http::Response& response;
  const Directives& rules;

  bool cloudfront() const noexcept { return policy.profile == Profile::cloudfront; }
  /// Amazon: a MinTTL overrides no-store, no-cache and private.
  bool forced() const noexcept { return cloudfront() && policy.cloudfront.min_ttl.count() > 0; }
};

Unstorable judge_request(const Case& c) noexcept {
  if (c.cloudfront() && c.policy.cloudfront.caching_disabled()) return Unstorable::disabled;
  const Method method = c.request.method;
  const bool options = method == Method::options && c.cloudfront() && c.policy.cloudfront.options_cached;
  const bool post = method == Method::post && !c.cloudfront();
  if (method != Method::get && !options && !post) return Unstorable::method;
  // RFC 9111 5.2.1.5 binds the cache, whatever else of a client's wishes it ignores. Amazon ignores this one too.
  if (!c.cloudfront() && http::cache_control(c.request.fields).no_store) return Unstorable::request_no_store;
  return Unstorable::none;
}

/// Statuses whose meaning for caches we know (RFC 9111 5.2.2.3): those that are registered.
bool understood(std::uint16_t status) noexcept { return !http::status_reason(status).empty(); }

/// Amazon: of errors only those of two lists are kept, the second only if the origin gives a max-age.
bool cloudfront_keeps(const Case& c) noexcept {
  const std::uint16_t status = c.response.status;
  if (status < 400) return true;
  return always_cached_error(status) || (cached_error_on_request(status) && c.rules.control.has_lifetime());
}

Unstorable judge_status(const Case& c) noexcept {
  const std::uint16_t status = c.response.status;
  if (status < 200 || status == 304) return Unstorable::interim;
  // 412 and 416 answer conditions and ranges of one request, not the URL.
  if (status == 412 || status == 416) return Unstorable::status;
  return c.cloudfront() && !cloudfront_keeps(c) ? Unstorable::status : Unstorable::none;
}

Unstorable judge_part(const Case& c) noexcept {
  if (c.response.status != 206) return Unstorable::none;
  const bool sound = c.request.fields.has(FieldKind::range) && part_of(c.response).has_value();
  return sound ? Unstorable::none : Unstorable::content_range;
}

Unstorable judge_directives(const Case& c) noexcept {
  const http::CacheControl& control = c.rules.control;
  const bool kept_error = c.cloudfront() && c.response.status >= 400;  // the error TTL holds whatever they say
  if (c.forced() || kept_error) return Unstorable::none;
  if (control.broken) return Unstorable::broken_directives;
  if (control.must_understand && !understood(c.response.status)) return Unstorable::status;
  // RFC 9111 5.2.2.3: who obeys must-understand ignores the no-store meant for those who do not know it.
  if (control.no_store && !control.must_understand) return Unstorable::no_store;
  return control.private_ ? Unstorable::private_response : Unstorable::none;
}

/// RFC 9111 3.5. In the cloudfront profile the field is in the key or never sent, if so configured.
Unstorable judge_authorization(const Case& c) noexcept {
  if (!c.request.fields.has(FieldKind::authorization)) return Unstorable::none;
  if (c.cloudfront() && vary_name_is_safe(c.policy.cloudfront, "authorization")) return Unstorable::none;
  const http::CacheControl& control = c.rules.control;
  const bool shared = control.public_ || control.must_revalidate || control.s_maxage != no_delta;
  return shared ? Unstorable::none : Unstorable::authorization;
}

/// One name of Vary in the cloudfront profile, where Vary is no part of the key.
bool safe_name(const CloudFrontRules& rules, std::string_view name) noexcept {
  char lowered[64];
  if (name.size() > sizeof lowered) return false;
  for (std::size_t i = 0; i < name.size(); ++i) lowered[i] = http::lower(name[i]);
  return vary_name_is_safe(rules, {lowered, name.size()});
}

Unstorable judge_vary(const Case& c) noexcept {
  if (!c.response.fields.has(FieldKind::vary)) return Unstorable::none;
  for (const http::Field& field : c.response.fields.all()) {
    if (field.kind != FieldKind::vary) continue;
    for (http::ListItems items(field.value()); items.next();) {
      const bool star = items.item() == "*";
      if (star && !c.forced()) return Unstorable::vary_all;
      if (c.cloudfront() && !star && !safe_name(c.policy.cloudfront, items.item())) return Unstorable::vary_unkeyed;
    }
  }
  return Unstorable::none;
}

Unstorable judge_set_cookie(const Case& c, Storing& storing) noexcept {
  const http::CacheControl& control = storing.control;
  if (!c.response.fields.has(FieldKind::set_cookie)) return Unstorable::none;
  if (c.cloudfront()) {
    // What was set for cookies that are not in the key is one client's.
    if (c.policy.cloudfront.cookies_forwarded) return Unstorable::set_cookie;
    storing.strip_set_cookie = c.policy.cloudfront.cookies.selection == Selection::none;
    return Unstorable::none;
  }
  if (names_field(control.no_cache_fields, "set-cookie") || names_field(control.private_fields, "set-cookie")) return Unstorable::none;
  const bool lasting = storing.freshness.has(FreshnessFlag::explicit_lifetime) && storing.freshness.lifetime_s != 0;
  const bool meant_for_all = control.public_ || control.s_maxage != no_delta || c.rules.targeted;
  switch (c.policy.set_cookie) {
    case SetCookieRule::with_freshness: return lasting ? Unstorable::none : Unstorable::set_cookie;
    case SetCookieRule::with_shared_freshness: return lasting && meant_for_all ? Unstorable::none : Unstorable::set_cookie;
    case SetCookieRule::strip: storing.strip_set_cookie = true; return Unstorable::none;
    case SetCookieRule::never: break;
  }
  return Unstorable::set_cookie;
}

/// Whether storing it can ever be of use, and is allowed without an explicit lifetime (RFC 9111 3, last two conditions).
Unstorable judge_use(const Case& c, const Freshness& freshness) noexcept {
  const http::FieldList& fields = c.response.fields;
  if (c.request.method == Method::post && !freshness.has(FreshnessFlag::explicit_lifetime)) return Unstorable::no_lifetime;
  if (freshness.lifetime_s != 0 && !freshness.has(FreshnessFlag::no_cache)) return Unstorable::none;
  const bool lasting = freshness.has(FreshnessFlag::explicit_lifetime) || freshness.lifetime_s != 0;
  const bool allowed = lasting || heuristically_cacheable(c.response.status) || c.rules.control.public_;
  const bool validated = fields.has(FieldKind::etag) || fields.has(FieldKind::last_modified);
  if (c.response.status >= 400) return Unstorable::no_lifetime;  // it would only take the place of something better
  // An explicit lifetime of nothing is still good for the hour when the origin is gone.
  const bool of_use = validated || useless_after_ms(freshness) > freshness.expires_ms();
  return allowed && of_use ? Unstorable::none : Unstorable::no_lifetime;
}

Unstorable judge_head(const Case& c) noexcept {
  for (const auto part : {judge_request, judge_status, judge_directives, judge_authorization, judge_vary}) {
    if (const Unstorable why = part(c); why != Unstorable::none) return why;
  }
  return Unstorable::none;
}

}  // namespace

std::string_view text(Unstorable why) noexcept {
  switch (why) {
    case Unstorable::none: return "stored";
    case Unstorable::disabled: return "disabled";
    case Unstorable::method: return "method";
    case Unstorable::request_no_store: return "request-no-store";
    case Unstorable::interim: return "no-representation";
    case Unstorable::status: return "status";
    case Unstorable::no_store: return "no-store";
    case Unstorable::private_response: return "private";
    case Unstorable::authorization: return "authorization";
    case Unstorable::vary_all: return "vary-all";
    case Unstorable::vary_unkeyed: return "vary-unkeyed";
    case Unstorable::set_cookie: return "set-cookie";
    case Unstorable::broken_directives: return "broken-cache-control";
    case Unstorable::content_range: return "content-range";
    case Unstorable::no_lifetime: return "no-lifetime";
  }
  return "";
}

Directives directives(const Policy& policy, const http::FieldList& fields) noexcept {
  if (policy.profile == Profile::rfc9111) {
    for (const std::string& name : policy.targeted_fields) {
      if (const auto control = http::targeted_cache_control(fields, name)) return {*control, true};
    }
  }
  return {http::cache_control(fields), false};
}

Storing judge(const Policy& policy, const http::Request& request, const http::Response& response, Times times) noexcept {
  const Directives rules = directives(policy, response.fields);
  const Case c{policy, request, response, rules};
  Storing storing;
  storing.control = rules.control;
  storing.freshness = c.cloudfront() ? cloudfront_freshness(policy, rules.control, response, times)
                                     : standard_freshness(policy, rules, response, times);
  storing.why_not = judge_head(c);
  if (storing.may_store()) storing.why_not = judge_set_cookie(c, storing);
  if (storing.may_store()) storing.why_not = judge_use(c, storing.freshness);
  if (storing.may_store()) storing.why_not = judge_part(c);
  return storing;
}

}  // namespace gatehouse::cache
