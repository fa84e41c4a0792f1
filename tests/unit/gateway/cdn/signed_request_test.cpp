#include "gateway/cdn/signed_request.hpp"

#include <gtest/gtest.h>

#include "gateway/cdn/signed_policy.hpp"
#include "gateway/cdn/url_base64.hpp"
#include "tests/support/signing_keys.hpp"

namespace gatehouse::cdn {
namespace {

using tls::SignatureHash;
using Verdict = SignatureVerdict;

constexpr std::int64_t now = 1'700'000'000;

const tls::PrivateKey& signer(bool rsa = true) {
  static const tls::PrivateKey rsa_key = std::move(tls::PrivateKey::from_pem(test::rsa_private_key)).value();
  static const tls::PrivateKey ecdsa_key = std::move(tls::PrivateKey::from_pem(test::ecdsa_private_key)).value();
  return rsa ? rsa_key : ecdsa_key;
}

const TrustedKeys& trusted() {
  static const TrustedKeys keys = [] {
    TrustedKeys out;
    const auto add = [&](const char* id, std::string_view pem) {
      out.keys.push_back({id, std::make_shared<const tls::PublicKey>(std::move(tls::PublicKey::from_pem(pem)).value())});
    };
    add("KRSA", test::rsa_public_key);
    add("KEC", test::ecdsa_public_key);
    return out;
  }();
  return keys;
}

/// The signature's part of a query, canned or custom.
std::string canned(const std::string& url, std::int64_t expires, bool rsa = true, SignatureHash hash = SignatureHash::sha1) {
  return "Expires=" + std::to_string(expires) + "&Signature=" + url_base64(signer(rsa).sign(hash, canned_policy(url, expires))) +
         "&Key-Pair-Id=" + (rsa ? "KRSA" : "KEC") + (hash == SignatureHash::sha256 ? "&Hash-Algorithm=SHA256" : "");
}
std::string custom(const std::string& policy, bool rsa = true, SignatureHash hash = SignatureHash::sha1) {
  return "Policy=" + url_base64(policy) + "&Signature=" + url_base64(signer(rsa).sign(hash, policy)) + "&Key-Pair-Id=" +
         (rsa ? "KRSA" : "KEC") + (hash == SignatureHash::sha256 ? "&Hash-Algorithm=SHA256" : "");
}
std::string cookies_of(std::string query) {
  std::string out = "CloudFront-";
  for (const char c : query) out += c == '&' ? std::string("; CloudFront-") : std::string(1, c);
  return out;
}

struct Asked {
  std::string query{};
  std::string cookies{};
  std::string path{"/a"};
  std::string client{"192.0.2.1"};
  std::int64_t at{now};
  std::string scheme{"https"};
  std::string authority{"h.example"};
};

Verdict judge(const Asked& asked) {
  http::FieldList fields;
  const std::string line = "cookie: " + asked.cookies + "\r\n";
  http::Field field;
  field.line = line.data();
  field.name_size = 6;
  field.value_offset = 8;
  field.value_size = static_cast<std::uint32_t>(asked.cookies.size());
  field.kind = http::FieldKind::cookie;
  if (!asked.cookies.empty()) fields.push(field);
  return check(trusted(), {asked.scheme, asked.authority, asked.path, asked.query, !asked.query.empty(), fields,
                           *filters::parse_address(asked.client), asked.at});
}

const std::string url = "https://h.example/a";

std::string policy_for(const std::string& resource, const std::string& more = "") {
  return R"({"Statement":[{"Resource":")" + resource + R"(","Condition":{"DateLessThan":{"AWS:EpochTime":1700000100})" + more + "}}]}";
}

TEST(SignedRequest, is_allowed_with_either_key_hash_policy_and_place) {
  for (const bool rsa : {true, false}) {
    for (const SignatureHash hash : {SignatureHash::sha1, SignatureHash::sha256}) {
      for (const std::string& query : {canned(url, now + 1, rsa, hash), custom(policy_for(url), rsa, hash), custom(policy_for("*"), rsa, hash)}) {
        EXPECT_EQ(judge({.query = query}), Verdict::allowed) << query;
        EXPECT_EQ(judge({.cookies = cookies_of(query)}), Verdict::allowed) << query;
        EXPECT_EQ(judge({.cookies = "a=b; " + cookies_of(query) + "; c=d"}), Verdict::allowed) << query;
      }
    }
  }
}

TEST(SignedRequest, needs_some_signature) {
  EXPECT_EQ(judge({}), Verdict::missing);
  EXPECT_EQ(judge({.query = "a=b"}), Verdict::missing);
  EXPECT_EQ(judge({.query = "Hash-Algorithm=SHA256"}), Verdict::missing);
  EXPECT_EQ(judge({.cookies = "a=b; cloudfront-Policy=x; cloudfront-Signature=x; cloudfront-Key-Pair-Id=KRSA"}), Verdict::missing);
}

TEST(SignedRequest, of_a_canned_url_has_the_query_that_was_signed) {
  const std::string query = canned(url + "?size=large&x=1", now + 1);
  EXPECT_EQ(judge({.query = "size=large&x=1&" + query}), Verdict::allowed);
  EXPECT_EQ(judge({.query = "size=large&" + query + "&x=1"}), Verdict::allowed);
  EXPECT_EQ(judge({.query = query}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = "size=large&" + query}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = "x=1&size=large&" + query}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = "size=large&x=1&y=2&" + query}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = canned(url, now + 1) + "&added=1"}), Verdict::bad_signature);
}

TEST(SignedRequest, of_a_canned_url_is_for_that_url_alone) {
  const std::string query = canned(url, now + 1);
  EXPECT_EQ(judge({.query = query, .path = "/b"}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = query, .scheme = "http"}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = query, .authority = "g.example"}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = query, .authority = "h.example:8443"}), Verdict::bad_signature);
  EXPECT_EQ(judge({.query = canned("https://h.example/*", now + 1)}), Verdict::bad_signature);
}

TEST(SignedRequest, of_a_canned_url_has_no_quotes) {
  const std::string path = R"(/a","Condition":{"DateLessThan":{"AWS:EpochTime":9)";
  EXPECT_EQ(judge({.query = canned("https://h.example" + path, now + 1), .path = path}), Verdict::malformed);
}

TEST(SignedRequest, is_allowed_until_it_expires_and_after_it_begins) {
  const std::string query = canned(url, now);
  EXPECT_EQ(judge({.query = query, .at = now - 1}), Verdict::allowed);
  EXPECT_EQ(judge({.query = query, .at = now}), Verdict::expired);
  EXPECT_EQ(judge({.query = query, .at = now + 1}), Verdict::expired);
  const std::string later = custom(policy_for(url, R"(,"DateGreaterThan":{"AWS:EpochTime":1700000050})"));
  EXPECT_EQ(judge({.query = later, .at = 1700000050}), Verdict::not_yet);
  EXPECT_EQ(judge({.query = later, .at = 1700000051}), Verdict::allowed);
  EXPECT_EQ(judge({.query = later, .at = 1700000099}), Verdict::allowed);
  EXPECT_EQ(judge({.query = later, .at = 1700000100}), Verdict::expired);
}

TEST(SignedRequest, comes_from_where_its_policy_says) {
  const std::string query = custom(policy_for(url, R"(,"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"})"));
  EXPECT_EQ(judge({.query = query}), Verdict::allowed);
  EXPECT_EQ(judge({.query = query, .client = "198.51.100.1"}), Verdict::wrong_address);
  EXPECT_EQ(judge({.query = query, .client = "2001:db8::1"}), Verdict::wrong_address);
}

TEST(SignedRequest, is_for_what_its_policy_says) {
  const std::string query = custom(policy_for("https://h.example/img/*"));
  EXPECT_EQ(judge({.query = query, .path = "/img/a"}), Verdict::allowed);
  EXPECT_EQ(judge({.query = "own=1&" + query, .path = "/img/a"}), Verdict::allowed);
  EXPECT_EQ(judge({.query = query, .path = "/a"}), Verdict::wrong_resource);
  EXPECT_EQ(judge({.query = query, .path = "/img/a", .scheme = "http"}), Verdict::wrong_resource);
  EXPECT_EQ(judge({.query = custom(policy_for(R"(https://h.example/a\\?x=*)")) + "&x=1"}), Verdict::allowed);
  EXPECT_EQ(judge({.query = custom(policy_for(R"(https://h.example/a\\?x=*)"))}), Verdict::wrong_resource);
}

TEST(SignedRequest, is_signed_by_a_trusted_key) {
  std::string query = canned(url, now + 1);
  EXPECT_EQ(judge({.query = query.substr(0, query.find("KRSA")) + "KNONE"}), Verdict::unknown_key);
  EXPECT_EQ(judge({.query = query.substr(0, query.find("KRSA"))}), Verdict::unknown_key);
  EXPECT_EQ(judge({.query = query.substr(0, query.find("KRSA")) + "krsa"}), Verdict::unknown_key);
  EXPECT_EQ(judge({.query = query.substr(0, query.find("KRSA")) + "KEC"}), Verdict::bad_signature);
}

TEST(SignedRequest, with_one_character_of_its_signature_changed_is_refused) {
  for (const std::string& query : {canned(url, now + 1), canned(url, now + 1, false)}) {
    const std::size_t begin = query.find("Signature=") + 10, end = query.find('&', begin);
    for (std::size_t i = begin; i < end; ++i) {
      for (const char c : {'A', 'z', '~', '_', '%'}) {
        if (query[i] == c) continue;
        std::string changed = query;
        changed[i] = c;
        const Verdict verdict = judge({.query = changed});
        EXPECT_TRUE(verdict == Verdict::bad_signature || verdict == Verdict::malformed) << i << c;
      }
    }
  }
}

TEST(SignedRequest, with_one_character_of_its_policy_changed_is_refused) {
  const std::string query = custom(policy_for(url));
  for (std::size_t i = query.find('=') + 1; i < query.find('&'); ++i) {
    std::string changed = query;
    changed[i] = query[i] == 'A' ? 'B' : 'A';
    const Verdict verdict = judge({.query = changed});
    EXPECT_TRUE(verdict == Verdict::bad_signature || verdict == Verdict::malformed) << i;
  }
  std::string longer = canned(url, now + 1);
  longer.replace(longer.find(std::to_string(now + 1)), 10, std::to_string(now + 1000));
  EXPECT_EQ(judge({.query = longer}), Verdict::bad_signature);
}

TEST(SignedRequest, has_each_part_once_and_in_its_form) {
  const std::string good = canned(url, now + 1);
  const std::string both = "Policy=" + url_base64(policy_for(url)) + "&" + good;
  const std::string rows[] = {
      "Expires=1", "Policy=e30_", "Signature=Zm9v", "Key-Pair-Id=KRSA", "Expires=1&Signature=Zm9v", "Signature=Zm9v&Key-Pair-Id=KRSA",
      good + "&Expires=1", good + "&Signature=Zm9v", good + "&Key-Pair-Id=KEC", both, good + "&Hash-Algorithm=MD5",
      good + "&Hash-Algorithm=", good + "&Hash-Algorithm=SHA1&Hash-Algorithm=SHA1",
      "Expires=soon&Signature=Zm9v&Key-Pair-Id=KRSA", "Expires=0" + good.substr(8), "Expires=1&Signature=Zm9+&Key-Pair-Id=KRSA",
      "Policy=$&Signature=Zm9v&Key-Pair-Id=KRSA", "Policy=" + std::string(9000, 'A') + "&Signature=Zm9v&Key-Pair-Id=KRSA",
      custom("not json"), custom(R"({"Statement":[{"Resource":"*"}]})"),
  };
  for (const std::string& row : rows) EXPECT_EQ(judge({.query = row}), Verdict::malformed) << row;
  EXPECT_EQ(judge({.query = good + "&Hash-Algorithm=SHA1"}), Verdict::allowed);
  EXPECT_EQ(judge({.query = good + "&Hash-Algorithm=SHA256"}), Verdict::bad_signature);
}

TEST(SignedRequest, with_any_part_in_the_query_is_not_judged_by_its_cookies) {
  const std::string cookies = cookies_of(canned(url + "?Expires=1", now + 1));
  EXPECT_EQ(judge({.query = "Expires=1", .cookies = cookies}), Verdict::malformed);
  EXPECT_EQ(judge({.query = canned(url, now), .cookies = cookies_of(custom(policy_for("*")))}), Verdict::expired);
  const std::string own = cookies_of(canned(url + "?Hash-Algorithm=x", now + 1));
  EXPECT_EQ(judge({.query = "Hash-Algorithm=x", .cookies = own}), Verdict::allowed);
}

TEST(SignedRequest, may_have_cookies_of_several_paths_and_policies) {
  const std::string first = cookies_of(canned(url, now + 1)), other = cookies_of(canned("https://h.example/other", now + 1));
  EXPECT_EQ(judge({.cookies = first + "; " + other}), Verdict::allowed);
  EXPECT_EQ(judge({.cookies = other + "; " + first}), Verdict::bad_signature);
  EXPECT_EQ(judge({.cookies = cookies_of(custom(policy_for("*"))) + "; CloudFront-Expires=5"}), Verdict::allowed);
}

TEST(WithoutSignature, leaves_the_rest_of_the_query_as_it_is) {
  const auto rest = [](std::string_view query) {
    std::string room(query.size(), '\0');
    return std::string(without_signature(query, room));
  };
  EXPECT_EQ(rest(""), "");
  EXPECT_EQ(rest("a=1&b&&c="), "a=1&b&&c=");
  EXPECT_EQ(rest("Hash-Algorithm=SHA256"), "Hash-Algorithm=SHA256");
  EXPECT_EQ(rest("Expires=1&Signature=x&Key-Pair-Id=y&Hash-Algorithm=SHA256"), "");
  EXPECT_EQ(rest("b=2&Expires=1&a=1&Policy=&c=3&Signature"), "b=2&a=1&c=3");
  EXPECT_EQ(rest("expires=1&Expires2=1&%45xpires=1&Signature=x"), "expires=1&Expires2=1&%45xpires=1");
}

TEST(WithoutSignature, leaves_other_cookies_as_they_are) {
  const auto rest = [](std::string_view value) {
    std::string room(value.size(), '\0');
    return std::string(without_signature_cookies(value, room));
  };
  EXPECT_EQ(rest("CloudFront-Policy=x; CloudFront-Signature=y; CloudFront-Key-Pair-Id=z"), "");
  EXPECT_EQ(rest("a=1; CloudFront-Expires=5; b=\"2\"; CloudFront-Hash-Algorithm=SHA256; c"), "a=1; b=\"2\"; c");
  EXPECT_EQ(rest("$;u;CloudFront-Policy=x;v"), "$;u;v");  // never more than there was
  EXPECT_EQ(rest("CloudFront-Other=1; cloudfront-policy=1"), "CloudFront-Other=1; cloudfront-policy=1");
  EXPECT_TRUE(has_signature_cookie("a=1; CloudFront-Policy=x"));
  EXPECT_FALSE(has_signature_cookie("a=CloudFront-Policy; b"));
  EXPECT_TRUE(has_signature("a&Policy"));
  EXPECT_FALSE(has_signature("a=Policy&policy=1"));
}

}  // namespace
}  // namespace gatehouse::cdn
