// Heads of a request and a response, made of arbitrary lines, put before every decision of the cache: nothing crashes, and what
// must hold for any pair of heads does. Lines are parted by line feeds; those after an empty line are the response's.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cache/invalidation.hpp"
#include "gateway/cache/partial.hpp"
#include "gateway/cache/request_class.hpp"
#include "gateway/cache/stored_fields.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/cache/tags.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/cache/vary.hpp"

using namespace gatehouse;
using http::FieldKind;

namespace {

constexpr std::int64_t now_ms = 1790000000000;

void check(bool good) {
  if (!good) std::abort();
}

/// Adds the line at the start of `rest`, if it is a field line; false at an empty one.
bool add_line(std::string_view& rest, http::FieldList& fields) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  const std::size_t colon = line.find(':');
  if (line.empty()) return false;
  if (colon == 0 || colon > 100 || colon == std::string_view::npos) return true;
  http::Field field;
  field.line = line.data();
  field.name_size = static_cast<std::uint16_t>(colon);
  field.value_offset = static_cast<std::uint16_t>(colon + 1);
  field.value_size = static_cast<std::uint32_t>(line.size() - colon - 1);
  field.kind = http::field_kind(field.name());
  fields.push(field);
  return true;
}

void check_freshness(const cache::Freshness& freshness) {
  for (const std::int64_t later : {std::int64_t{0}, std::int64_t{1000}, std::int64_t{100000000}, std::int64_t{1} << 50}) {
    const std::int64_t at = now_ms + later;
    check(freshness.age_ms(at) >= 0);
    check(!freshness.fresh(at) || freshness.ttl_ms(at) > 0);
    check(!freshness.fresh(at) || !freshness.has(cache::FreshnessFlag::no_cache));
    if (cache::stale_while_revalidate(freshness, at)) check(!freshness.has(cache::FreshnessFlag::must_revalidate));
    if (at > cache::useless_after_ms(freshness)) check(!cache::stale_in_trouble(freshness, at, cache::Trouble::server_error));
  }
}

void check_storing(const cache::Policy& policy, const http::Request& request, const http::Response& response) {
  const cache::Storing storing = cache::judge(policy, request, response, {now_ms - 10, now_ms});
  check(!cache::text(storing.why_not).empty());
  check_freshness(storing.freshness);
  if (!storing.may_store() || policy.profile != cache::Profile::rfc9111) return;
  check(!storing.control.private_ && !storing.control.broken);
  check(!storing.control.no_store || storing.control.must_understand);
  std::vector<cache::StoredField> fields;
  cache::fields_to_store(response, storing, fields);
  check(fields.size() <= response.fields.all().size());
  for (const cache::StoredField& field : fields) check(field.kind != FieldKind::connection && field.kind != FieldKind::age);
}

void check_variants(const http::Request& request, const http::Response& response) {
  std::string names, chosen, scratch;
  cache::vary_names(response.fields, names);
  cache::selector(names, request.fields, chosen);
  const auto expected = names == cache::vary_never ? cache::VariantMatch::none : cache::VariantMatch::exact;
  check(cache::match({names, chosen, ""}, request.fields, scratch) == expected);
}

void check_validation(const http::Request& request, http::Response& response) {
  cache::evaluate(request, response, now_ms);
  check(cache::confirms(response, response) || response.fields.has(FieldKind::etag));
  std::vector<cache::StoredField> updated;
  cache::update_fields(response, response, updated);
  check(updated.size() <= response.fields.all().size());
  std::array<cache::SameOriginTarget, 2> targets;
  const std::size_t size = cache::other_targets(request, response, {"http", "a"}, targets);
  for (std::size_t i = 0; i < size; ++i) check(targets[i].path.starts_with('/') && targets[i].path.find("/../") == std::string::npos);
  cache::Tags tags;
  cache::collect_tags(response.fields, "cache-tag", cache::TagSyntax::commas, tags);
  check(tags.size <= cache::tags_max && cache::cache_groups(response.fields).size <= cache::groups_max);
  cache::make_not_modified(response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const auto request = std::make_unique<http::Request>();
  static const auto response = std::make_unique<http::Response>();
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  *request = {}, *response = {};
  request->method = data[0] % 8 == 0 ? http::Method::post : http::Method::get;
  request->path = "/dir/page";
  response->status = static_cast<std::uint16_t>(100 + 4 * data[1]);
  std::string_view rest = text;
  while (!rest.empty() && add_line(rest, request->fields)) {}
  while (!rest.empty()) add_line(rest, response->fields);

  cache::Policy policy;
  policy.honour_request_directives = data[0] % 16 < 8;
  const cache::RequestClass wishes = cache::classify(policy, *request);
  check(wishes.bypass == cache::Bypass::none || !wishes.collapsible);
  check_storing(policy, *request, *response);
  policy.profile = cache::Profile::cloudfront;
  policy.cloudfront.min_ttl = cache::seconds(data[0] / 16 * 30);
  check_storing(policy, *request, *response);
  check_variants(*request, *response);
  check_validation(*request, *response);
  return 0;
}
