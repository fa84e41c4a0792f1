#include "gateway/cdn/signed_request.hpp"

#include <algorithm>
#include <array>

#include "gateway/cdn/signed_policy.hpp"
#include "gateway/cdn/url_base64.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

using tls::SignatureHash;

/// A signature's parts; their order is that of the names below.
struct Parts {
  enum Name : std::size_t { expires, policy, signature, key_pair_id, hash_algorithm };
  static constexpr std::array<std::string_view, 5> names{"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"};
  static constexpr std::string_view cookie_prefix = "CloudFront-";

  std::array<std::string_view, names.size()> values{};
  std::array<bool, names.size()> given{};
  bool doubled{false};

  /// One of CloudFront's names, or names.size().
  static std::size_t index_of(std::string_view name) noexcept {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  }
  void take(std::size_t index, std::string_view value) noexcept {
    if (index == names.size()) return;
    if (given[index]) {
      doubled = true;  // the first stands
    } else {
      given[index] = true;
      values[index] = value;
    }
  }
  /// Whether there is any part; a hash algorithm alone is none.
  bool any() const noexcept { return given[expires] || given[policy] || given[signature] || given[key_pair_id]; }
};

/// Takes the next member off a list; views of the text.
std::string_view next_of(std::string_view& list, char separator) noexcept {
  const std::size_t end = std::min(list.find(separator), list.size());
  const std::string_view member = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return member;
}

struct Named {
  explicit Named(std::string_view member) noexcept
      : name(member.substr(0, member.find('='))), value(member.substr(std::min(member.size(), name.size() + 1))) {}
  std::string_view name;
  std::string_view value;
};

Parts parts_of_query(std::string_view query) noexcept {
  Parts parts;
  while (!query.empty()) {
    const Named parameter(next_of(query, '&'));
    parts.take(Parts::index_of(parameter.name), parameter.value);
  }
  return parts;
}

/// Which of CloudFront's cookies a member of a Cookie field is, or names.size().
std::size_t cookie_index(std::string_view name) noexcept {
  if (!name.starts_with(Parts::cookie_prefix)) return Parts::names.size();
  return Parts::index_of(name.substr(Parts::cookie_prefix.size()));
}

/// A browser may have cookies of one name for several paths and sends the most specific one first (RFC 6265 5.4), and it may
/// still have the others of a policy of the other kind: a custom one is the more precise.
Parts parts_of_cookies(const http::FieldList& fields) noexcept {
  Parts parts;
  for (const http::Field& field : fields.all()) {
    if (field.kind != http::FieldKind::cookie) continue;
    for (std::string_view list = field.value(); !list.empty();) {
      const Named cookie(http::trim(next_of(list, ';')));
      parts.take(cookie_index(cookie.name), cookie.value);
    }
  }
  parts.doubled = false;
  if (parts.given[Parts::policy]) parts.given[Parts::expires] = false;
  return parts;
}

/// One request under examination.
class Examination {
 public:
  Examination(const Parts& parts, const SignedRequest& request, const SignedUrl& url) noexcept
      : parts_(parts), request_(request), url_(url) {}

  SignatureVerdict run(const TrustedKeys& keys) {
    if (!parts_.any()) return SignatureVerdict::missing;
    if (!read()) return SignatureVerdict::malformed;
    const tls::PublicKey* const key = keys.find(parts_.values[Parts::key_pair_id]);
    if (key == nullptr) return SignatureVerdict::unknown_key;
    if (!key->verify(hash_, signed_, signature_)) return SignatureVerdict::bad_signature;
    return permitted();
  }

 private:
  /// Makes what was signed and the signature of the parts.
  bool read() {
    const auto& given = parts_.given;
    const bool complete = given[Parts::signature] && given[Parts::key_pair_id] && given[Parts::policy] != given[Parts::expires];
    if (!complete || parts_.doubled || !read_hash()) return false;
    if (!from_url_base64(parts_.values[Parts::signature], signature_)) return false;
    if (given[Parts::policy]) {
      const std::string_view text = parts_.values[Parts::policy];
      return text.size() <= policy_size_max * 4 / 3 && from_url_base64(text, signed_);
    }
    const auto expires = policy_time(parts_.values[Parts::expires]);
    const std::string url = url_.text();
    // A quote would let a URL look like more than the policy's resource.
    if (!expires || url.find_first_of("\"\\") != std::string::npos) return false;
    policy_.expires = *expires;
    signed_ = canned_policy(url, *expires);
    return true;
  }

  bool read_hash() noexcept {
    if (!parts_.given[Parts::hash_algorithm]) return true;
    const std::string_view name = parts_.values[Parts::hash_algorithm];
    if (name == "SHA256") hash_ = SignatureHash::sha256;
    return name == "SHA256" || name == "SHA1";
  }

  /// What the policy, whose signature is good, says.
  SignatureVerdict permitted() {
    if (parts_.given[Parts::policy]) {
      std::optional<Policy> custom = parse_policy(signed_);
      if (!custom) return SignatureVerdict::malformed;
      policy_ = std::move(*custom);
    }
    if (request_.now_s >= policy_.expires) return SignatureVerdict::expired;
    if (policy_.not_before && request_.now_s <= *policy_.not_before) return SignatureVerdict::not_yet;
    if (!policy_.admits(request_.client)) return SignatureVerdict::wrong_address;
    if (policy_.resource && !covers(*policy_.resource, url_)) return SignatureVerdict::wrong_resource;
    return SignatureVerdict::allowed;
  }

  const Parts& parts_;
  const SignedRequest& request_;
  const SignedUrl& url_;
  SignatureHash hash_{SignatureHash::sha1};
  std::string signed_;     // the policy's text
  std::string signature_;
  Policy policy_;
};

/// The members of a list that are to stay, in `room`, which the list itself would fit in.
template <class Stays>
std::string_view filtered(std::string_view list, char separator, std::span<char> room, Stays&& stays) noexcept {
  char* at = room.data();
  while (!list.empty()) {
    const std::string_view member = next_of(list, separator);
    if (!stays(Named(http::trim(member)).name)) continue;
    if (at != room.data()) *at++ = separator;
    at = std::ranges::copy(member, at).out;
  }
  return {room.data(), static_cast<std::size_t>(at - room.data())};
}

}  // namespace

const tls::PublicKey* TrustedKeys::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(keys, id, &TrustedKey::id);
  return found == keys.end() ? nullptr : found->key.get();
}

std::string_view signature_reason(SignatureVerdict verdict) noexcept {
  switch (verdict) {
    case SignatureVerdict::allowed: return {};
    case SignatureVerdict::missing: return "signature_missing";
    case SignatureVerdict::unknown_key: return "signature_unknown_key";
    case SignatureVerdict::bad_signature: return "signature_bad";
    case SignatureVerdict::expired: return "signature_expired";
    case SignatureVerdict::not_yet: return "signature_not_yet";
    case SignatureVerdict::wrong_address: return "signature_wrong_address";
    case SignatureVerdict::wrong_resource: return "signature_wrong_resource";
    case SignatureVerdict::malformed: return "signature_malformed";
  }
  return {};
}

SignatureVerdict check(const TrustedKeys& keys, const SignedRequest& request) {
  SignedUrl url{request.scheme, request.authority, request.path, request.query, request.has_query};
  const Parts of_query = parts_of_query(request.query);
  if (!of_query.any()) return Examination(parts_of_cookies(request.fields), request, url).run(keys);
  std::string own(request.query.size(), '\0');
  url.query = without_signature(request.query, own);
  url.has_query = !url.query.empty();
  return Examination(of_query, request, url).run(keys);
}

bool has_signature(std::string_view query) noexcept { return parts_of_query(query).any(); }

std::string_view without_signature(std::string_view query, std::span<char> room) noexcept {
  if (!has_signature(query)) return query;
  return filtered(query, '&', room, [](std::string_view name) { return Parts::index_of(name) == Parts::names.size(); });
}

bool has_signature_cookie(std::string_view value) noexcept {
  while (!value.empty()) {
    if (cookie_index(Named(http::trim(next_of(value, ';'))).name) != Parts::names.size()) return true;
  }
  return false;
}

std::string_view without_signature_cookies(std::string_view value, std::span<char> room) noexcept {
  return http::trim(filtered(value, ';', room, [](std::string_view name) { return cookie_index(name) == Parts::names.size(); }));
}

}  // namespace gatehouse::cdn
