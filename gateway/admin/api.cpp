#include "gateway/admin/api.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {
namespace {

using Handler = void (*)(const Call&);

struct Resource {
  std::string_view pattern;  // a segment in braces stands for any one
  Handler get{nullptr};
  Handler patch{nullptr};
  Handler post{nullptr};
};

constexpr std::array<Resource, 16> resources{{
    {"/healthz", &get_health},
    {"/readyz", &get_readiness},
    {"/metrics", &get_metrics},
    {"/v1/status", &get_status},
    {"/v1/config", &get_config},
    {"/v1/target-groups", &get_target_groups},
    {"/v1/target-groups/{group}", &get_target_group},
    {"/v1/target-groups/{group}/endpoints/{address}", nullptr, &patch_endpoint},
    {"/v1/regions", &get_regions},
    {"/v1/regions/{name}", &get_region, &patch_region},
    {"/v1/cache", &get_cache},
    {"/v1/cache/objects/{url}", &get_cached_url},
    {"/v1/cache/explain", nullptr, nullptr, &post_explain},
    {"/v1/cache/purge", nullptr, nullptr, &post_purge},
    {"/v1/reload", nullptr, nullptr, &post_reload},
    {"/v1/drain", nullptr, nullptr, &post_drain},
}};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    segments.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return segments;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent-decoding (RFC 3986 2.1); nothing when an escape is broken.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

/// What stands for the pattern's names, or nothing when the path is another one. Segments are cut before they are
/// decoded, so an escaped slash stays inside its segment.
std::optional<std::vector<std::string>> match(std::string_view pattern, const std::vector<std::string_view>& path) {
  const auto wanted = split(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!wanted[i].starts_with('{')) {
      if (wanted[i] != path[i]) return std::nullopt;
      continue;
    }
    auto name = decode(path[i]);
    if (!name || name->empty()) return std::nullopt;
    names.push_back(std::move(*name));
  }
  return names;
}

Handler handler_of(const Resource& resource, std::string_view method) {
  if (method == "GET" || method == "HEAD") return resource.get;
  if (method == "PATCH") return resource.patch;
  if (method == "POST") return resource.post;
  return nullptr;
}

Answer not_allowed(const Resource& resource, std::string_view method) {
  std::string allow;
  const auto add = [&allow](Handler handler, std::string_view names) {
    if (handler == nullptr) return;
    if (!allow.empty()) allow += ", ";
    allow += names;
  };
  add(resource.get, "GET, HEAD");
  add(resource.patch, "PATCH");
  add(resource.post, "POST");
  Answer answer = problem(405, std::string(method) + " is not allowed here; allowed: " + allow);
  answer.fields.emplace_back("Allow", allow);
  return answer;
}

}  // namespace

void respond(const Request& request, const HostRules& rules, Control& control, Respond done) {
  if (const std::string why = refusal(request, rules); !why.empty()) return done(problem(403, why));
  const std::string_view target = request.target;
  if (!target.starts_with('/')) return done(problem(400, "the request target must be a path"));
  const std::string_view text = target.substr(0, target.find('?'));
  const auto path = split(text);
  for (const Resource& resource : resources) {
    const auto names = match(resource.pattern, path);
    if (!names) continue;
    const Handler handler = handler_of(resource, request.method);
    if (handler == nullptr) return done(not_allowed(resource, request.method));
    return handler(Call{request, *names, control, done});
  }
  done(problem(404, "there is no resource " + std::string(text) + "; see /v1/status"));
}

}  // namespace gatehouse::admin
