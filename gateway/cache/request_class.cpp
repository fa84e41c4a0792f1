#include "gateway/cache/request_class.hpp"

#include <array>

#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/ranges.hpp"

namespace gatehouse::cache {
namespace {

using http::FieldKind;
using http::Method;
using http::no_delta;

constexpr http::FieldKinds conditions(FieldKind::if_match, FieldKind::if_none_match, FieldKind::if_modified_since,
                                      FieldKind::if_unmodified_since, FieldKind::if_range);

bool has_any(const http::FieldList& fields, http::FieldKinds kinds) noexcept {
  for (const http::Field& field : fields.all()) {
    if (kinds.has(field.kind)) return true;
  }
  return false;
}

bool looked_up(const Policy& policy, Method method) noexcept {
  if (method == Method::options) return policy.profile == Profile::cloudfront && policy.cloudfront.options_cached;
  return method == Method::get || method == Method::head;
}

bool has_content(const http::Request& request) noexcept {
  return request.body.kind != http::BodyKind::none && !(request.body.kind == http::BodyKind::counted && request.body.length == 0);
}

Bypass bypass_of(const Policy& policy, const http::Request& request, const http::CacheControl& wishes) noexcept {
  if (policy.profile == Profile::cloudfront && policy.cloudfront.caching_disabled()) return Bypass::disabled;
  if (!looked_up(policy, request.method)) return Bypass::method;
  // Content of a GET has no meaning, but an origin may read it: nothing is shared on its account (RFC 9110 9.3.1).
  if (has_content(request)) return Bypass::content;
  if (policy.honour_request_directives && wishes.no_store) return Bypass::no_store;
  // h2c is only an offer to speak another version (RFC 9110 7.8); everything else leaves HTTP.
  const bool upgrade = request.fields.has(FieldKind::upgrade) && !http::any_list_has(request.fields, FieldKind::upgrade, "h2c");
  return upgrade ? Bypass::upgrade : Bypass::none;
}

/// Whether the request may share another one's response. One that may be private to its sender goes alone: it would only wait
/// in vain. Amazon also lets none wait while cookies go to the origin.
bool may_collapse(const Policy& policy, const http::Request& request, const http::CacheControl& wishes) noexcept {
  if (policy.profile == Profile::rfc9111) return !request.fields.has(FieldKind::authorization) && !wishes.no_store;
  const CloudFrontRules& rules = policy.cloudfront;
  if (request.fields.has(FieldKind::authorization) && !vary_name_is_safe(rules, "authorization")) return false;
  return rules.cookies.selection == Selection::none && !rules.cookies_forwarded;
}

void take_wishes(RequestClass& out, const http::Request& request, const http::CacheControl& wishes) noexcept {
  out.max_age = wishes.max_age;
  out.min_fresh = wishes.min_fresh;
  out.max_stale = wishes.max_stale;
  const bool no_cache = wishes.no_cache || !wishes.no_cache_fields.empty();
  // RFC 9111 5.4: Pragma counts only where Cache-Control is missing.
  const bool pragma = !wishes.present && http::any_list_has(request.fields, FieldKind::pragma, "no-cache");
  out.must_validate = no_cache || pragma || wishes.max_age == 0;
}

}  // namespace

std::string_view text(Bypass bypass) noexcept {
  switch (bypass) {
    case Bypass::none: return "";
    case Bypass::disabled: return "disabled";
    case Bypass::method: return "method";
    case Bypass::content: return "request-content";
    case Bypass::no_store: return "request-no-store";
    case Bypass::upgrade: return "upgrade";
  }
  return "";
}

bool safe_method(const http::Request& request) noexcept {
  switch (request.method) {
    case Method::get: case Method::head: case Method::options: case Method::trace: return true;
    case Method::other: break;
    default: return false;
  }
  // The methods of the IANA registry that are safe; their letter case counts.
  constexpr std::array<std::string_view, 5> safe{"PROPFIND", "REPORT", "SEARCH", "QUERY", "PRI"};
  for (const std::string_view method : safe) {
    if (request.method_text == method) return true;
  }
  return false;
}

RequestClass classify(const Policy& policy, const http::Request& request) noexcept {
  const http::CacheControl wishes = http::cache_control(request.fields);
  RequestClass out;
  out.bypass = bypass_of(policy, request, wishes);
  out.head = request.method == Method::head;
  out.unsafe = !safe_method(request);
  const bool looked_up = out.bypass == Bypass::none;
  const bool post = out.bypass == Bypass::method && request.method == Method::post && policy.profile == Profile::rfc9111;
  out.may_store = (looked_up && !out.head && (!wishes.no_store || policy.profile == Profile::cloudfront)) || post;
  out.collapsible = looked_up && may_collapse(policy, request, wishes);
  out.only_if_cached = looked_up && wishes.only_if_cached;
  const http::Field* const range = request.method == Method::get ? request.fields.first(FieldKind::range) : nullptr;
  out.has_range = range != nullptr && http::parse_range(range->value()).has_value();
  out.conditional = has_any(request.fields, conditions);
  if (policy.honour_request_directives) take_wishes(out, request, wishes);
  return out;
}

bool usable(const RequestClass& wishes, const Freshness& freshness, std::int64_t now_ms) noexcept {
  const std::int64_t age = freshness.age_ms(now_ms), ttl = freshness.ttl_ms(now_ms);
  const auto ms = [](std::uint32_t seconds) { return std::int64_t{seconds} * 1000; };
  if (freshness.fresh(now_ms)) {
    // RFC 8246 2: a reload does not ask for what cannot change while it is fresh.
    if (wishes.must_validate) return freshness.has(FreshnessFlag::immutable);
    return (wishes.max_age == no_delta || age <= ms(wishes.max_age)) && (wishes.min_fresh == no_delta || ttl >= ms(wishes.min_fresh));
  }
  using enum FreshnessFlag;
  if (wishes.must_validate || wishes.max_stale == no_delta) return false;
  if (freshness.has(no_cache) || freshness.has(must_revalidate) || freshness.has(validate_only)) return false;
  const bool young = wishes.max_age == no_delta || age <= ms(wishes.max_age);
  return young && (wishes.max_stale == http::delta_max || -ttl <= ms(wishes.max_stale));
}

}  // namespace gatehouse::cache
