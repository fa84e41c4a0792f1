// Arbitrary texts as a policy, a query, a Cookie field, a resource with a URL, and a request to be signed: nothing crashes, and
// what must hold for any of them does. Parts of the input are separated by line feeds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/cdn/signed_policy.hpp"
#include "gateway/cdn/signed_request.hpp"
#include "gateway/cdn/sigv4.hpp"
#include "gateway/cdn/url_base64.hpp"
#include "tests/support/signing_keys.hpp"

using namespace gatehouse;

namespace {

void check(bool good) {
  if (!good) std::abort();
}

std::string_view line_of(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

/// What was read can be written, and is the same when it is read again.
void check_policy(std::string_view text) {
  const auto policy = cdn::parse_policy(text);
  if (!policy) return;
  check(policy->expires >= 0 && policy->expires <= cdn::policy_time_max);
  check(!policy->source || policy->source->base.is_v4());
  const std::string written = cdn::custom_policy(*policy);
  const auto again = cdn::parse_policy(written);
  if (written.size() > cdn::policy_size_max) return;
  check(again && again->resource == policy->resource && again->expires == policy->expires);
  check(again->not_before == policy->not_before && again->source == policy->source);
}

void check_base64(std::string_view text) {
  std::string bytes;
  if (cdn::from_url_base64(text, bytes)) check(cdn::url_base64(bytes) == text);
  std::string back;
  check(cdn::from_url_base64(cdn::url_base64(text), back) && back == text);
}

void check_resource(std::string_view resource, std::string_view path, std::string_view query) {
  const cdn::SignedUrl url{"https", "h.example", path, query, !query.empty()};
  cdn::covers(resource, url);
  check(cdn::covers("*", url) && cdn::covers("https://*", url) && !cdn::covers("http://*", url));
  check(cdn::covers(url.text(), url));
}

void check_stripping(std::string_view query) {
  std::string room(query.size(), '\0');
  const std::string own(cdn::without_signature(query, room));
  check(own.size() <= query.size() && !cdn::has_signature(own));
  std::string cookie_room(query.size(), '\0');
  const std::string cookies(cdn::without_signature_cookies(query, cookie_room));
  check(cookies.size() <= query.size() && !cdn::has_signature_cookie(cookies));
}

const cdn::TrustedKeys& trusted() {
  static const cdn::TrustedKeys keys = [] {
    cdn::TrustedKeys out;
    out.keys.push_back({"K", std::make_shared<const tls::PublicKey>(std::move(tls::PublicKey::from_pem(test::ecdsa_public_key)).value())});
    return out;
  }();
  return keys;
}

/// Nobody here has the key, so nothing is ever allowed.
void check_request(std::string_view query, std::string_view cookies) {
  http::FieldList fields;
  const std::string line = "cookie: " + std::string(cookies);
  http::Field field;
  field.line = line.data();
  field.name_size = 6;
  field.value_offset = 8;
  field.value_size = static_cast<std::uint32_t>(cookies.size());
  field.kind = http::FieldKind::cookie;
  fields.push(field);
  const cdn::SignedRequest request{"https", "h.example", "/a", query, !query.empty(), fields, {}, 1'700'000'000};
  check(cdn::check(trusted(), request) != cdn::SignatureVerdict::allowed);
}

void check_sigv4(std::string_view path, std::string_view query) {
  const cdn::Sigv4Field fields[] = {{"host", "h.example"}};
  std::string text;
  cdn::append_canonical_request({"GET", "", path, query, fields, cdn::empty_payload}, text);
  for (const char c : text) check(c == '\n' || (c > 0x20 && c < 0x7f));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_policy(text);
  std::string_view rest = text;
  const std::string_view first = line_of(rest), second = line_of(rest);
  check_base64(first);
  check_resource(first, second, rest);
  check_stripping(first);
  check_request(first, second);
  check_request("", first);
  check_sigv4(first, second);
  return 0;
}
