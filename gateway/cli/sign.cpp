#include "gateway/cli/sign.hpp"

#include "gateway/cdn/signed_policy.hpp"
#include "gateway/cdn/signed_request.hpp"
#include "gateway/cdn/url_base64.hpp"
#include "gateway/cli/moment.hpp"

namespace gatehouse::cli {
namespace {

using Text = Result<std::string, std::string>;

/// The URL as its clients will ask for it.
Text checked_url(const SignRequest& request) {
  std::string url = request.url;
  const std::size_t scheme = url.find("://");
  const bool wild = request.cookies && url.find('*') != url.npos;
  if (wild) return url;
  if (scheme == url.npos || (!url.starts_with("http://") && !url.starts_with("https://"))) {
    return Failure{"\"" + url + "\" is no absolute URL; such as https://www.example.com/video.mp4"};
  }
  for (const char c : url) {
    if (c <= 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '#') return Failure{std::string("a URL has no spaces, quotes, '\\' and '#'; percent-encode them")};
  }
  const std::size_t path = url.find_first_of("/?", scheme + 3);
  if (path == scheme + 3) return Failure{"\"" + url + "\" has no host"};
  if (path == url.npos) url += '/';
  else if (url[path] == '?') url.insert(path, 1, '/');
  const std::size_t query = url.find('?');
  if (query != url.npos && cdn::has_signature(std::string_view(url).substr(query + 1))) {
    return Failure{std::string("the URL has Expires, Policy, Signature or Key-Pair-Id already")};
  }
  return url;
}

Result<std::int64_t, std::string> moment(const std::string& text, std::string_view option, std::int64_t now_s) {
  const auto at = parse_moment(text, now_s);
  if (!at) return Failure{std::string(option) + ": \"" + text + "\" is no time; such as 1h, 2026-12-24T18:00:00Z or 1800000000"};
  if (*at > cdn::policy_time_max) return Failure{std::string(option) + ": later than January 2038, which a policy cannot say"};
  return *at;
}

/// The custom policy that the options ask for.
Result<cdn::Policy, std::string> policy_of(const SignRequest& request, const std::string& url, std::int64_t now_s) {
  cdn::Policy policy;
  const bool wild = request.cookies && request.url.find('*') != std::string::npos;
  policy.resource = !request.resource.empty() ? request.resource : wild ? url : cdn::resource_of(url);
  GH_TRY(policy.expires, moment(request.expires, "--expires", now_s));
  if (!request.not_before.empty()) {
    GH_TRY(policy.not_before, moment(request.not_before, "--not-before", now_s));
    if (*policy.not_before >= policy.expires) return Failure{std::string("--not-before: not before --expires")};
  }
  if (request.ip.empty()) return policy;
  const auto block = filters::parse_cidr(request.ip);
  if (!block) return Failure{"--ip: " + block.error().message + (block.error().hint.empty() ? "" : "; " + block.error().hint)};
  if (!block->base.is_v4()) return Failure{std::string("--ip: policies know IPv4 addresses alone")};
  policy.source = *block;
  return policy;
}

/// Fills in the policy's text and what says of it in URLs and cookies.
Result<void, std::string> choose_policy(const SignRequest& request, std::int64_t now_s, Signature& out) {
  const bool wild = request.cookies && request.url.find('*') != std::string::npos;
  if (!request.policy.empty()) {
    const auto policy = cdn::parse_policy(request.policy);
    if (!policy) return Failure{std::string("the policy is not one statement with a DateLessThan, or has something that no policy has")};
    out.policy = request.policy;
    out.expires = policy->expires;
  } else if (request.expires.empty()) {
    return Failure{std::string("--expires or --policy is missing")};
  } else if (request.not_before.empty() && request.ip.empty() && request.resource.empty() && !wild) {
    GH_TRY(out.expires, moment(request.expires, "--expires", now_s));
    out.policy = cdn::canned_policy(out.url, out.expires);
    out.parts.emplace_back("Expires", std::to_string(out.expires));
    return {};
  } else {
    GH_TRY(const cdn::Policy policy, policy_of(request, out.url, now_s));
    out.policy = cdn::custom_policy(policy);
    out.expires = policy.expires;
  }
  out.custom = true;
  out.parts.emplace_back("Policy", cdn::url_base64(out.policy));
  return {};
}

}  // namespace

std::string Signature::signed_url() const {
  std::string out = url;
  char separator = url.find('?') == url.npos ? '?' : '&';
  for (const auto& [name, value] : parts) {
    out.append(1, separator).append(name).append("=").append(value);
    separator = '&';
  }
  return out;
}

std::vector<std::string> Signature::cookies() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : parts) out.push_back("CloudFront-" + name + "=" + value);
  return out;
}

Result<Signature, std::string> make_signature(const SignRequest& request, const tls::PrivateKey& key, std::int64_t now_s) {
  Signature out;
  GH_TRY(out.url, checked_url(request));
  if (auto chosen = choose_policy(request, now_s, out); !chosen) return Failure{chosen.error()};
  const tls::SignatureHash hash = request.sha256 ? tls::SignatureHash::sha256 : tls::SignatureHash::sha1;
  out.parts.emplace_back("Signature", cdn::url_base64(key.sign(hash, out.policy)));
  out.parts.emplace_back("Key-Pair-Id", request.key_pair_id);
  if (request.sha256) out.parts.emplace_back("Hash-Algorithm", "SHA256");
  return out;
}

}  // namespace gatehouse::cli
