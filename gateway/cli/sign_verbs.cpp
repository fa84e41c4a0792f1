// gatehouse sign: makes signed URLs and signed cookies, for behaviors with trusted key groups and for CloudFront.
#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <memory>

#include "gateway/cli/read_file.hpp"
#include "gateway/cli/sign.hpp"
#include "gateway/cli/verb.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;

struct SignOptions {
  SignRequest request;
  std::string key_file;
  std::string policy_file;
  std::string format{"text"};
};

Result<Signature, std::string> signature_of(SignOptions& options, std::int64_t now_s) {
  GH_TRY(const std::string pem, read_file(options.key_file));
  auto key = tls::PrivateKey::from_pem(pem);
  if (!key) return Failure{options.key_file + ": " + key.error()};
  if (!options.policy_file.empty()) {
    GH_TRY(std::string policy, read_file(options.policy_file));
    policy.erase(policy.find_last_not_of(" \t\r\n") + 1);
    options.request.policy = policy.empty() ? " " : std::move(policy);
  }
  return make_signature(options.request, *key, now_s);
}

json::object describe(const Signature& signature) {
  json::object out;
  out["policy"] = signature.policy;
  out["kind"] = signature.custom ? "custom" : "canned";
  out["expires"] = signature.expires;
  return out;
}

void print_url(const Signature& signature, bool as_json) {
  if (!as_json) {
    std::cout << signature.signed_url() << '\n';
    return;
  }
  json::object out{{"url", signature.signed_url()}};
  for (const auto& member : describe(signature)) out[member.key()] = member.value();
  std::cout << json::serialize(out) << '\n';
}

void print_cookies(const Signature& signature, bool as_json) {
  const std::string attributes = signature.url.starts_with("http://") ? "; Path=/; HttpOnly" : "; Path=/; Secure; HttpOnly";
  std::string all;
  json::array set;
  for (const std::string& cookie : signature.cookies()) {
    all += (all.empty() ? "" : "; ") + cookie;
    set.emplace_back(cookie + attributes);
  }
  if (!as_json) {
    for (const json::value& one : set) std::cout << "Set-Cookie: " << std::string_view(one.as_string()) << '\n';
    std::cout << "Cookie: " << all << '\n';
    return;
  }
  json::object out{{"cookie", all}, {"set_cookie", set}};
  for (const auto& member : describe(signature)) out[member.key()] = member.value();
  std::cout << json::serialize(out) << '\n';
}

int sign_command(SignOptions& options) {
  const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto signature = signature_of(options, now_s);
  if (!signature) {
    std::cerr << "gatehouse sign: " << signature.error() << '\n';
    return 1;
  }
  if (signature->expires <= now_s) std::cerr << "gatehouse sign: note: this has expired already\n";
  options.request.cookies ? print_cookies(*signature, options.format == "json") : print_url(*signature, options.format == "json");
  return 0;
}

void add_options(Verb verb, const std::shared_ptr<SignOptions>& options) {
  SignRequest& request = options->request;
  verb.option("--key", options->key_file, "The private key in PEM: RSA, or ECDSA on P-256").required();
  verb.option("--key-pair-id", request.key_pair_id, "The id of its public key: public_keys[].id").required();
  Option expires = verb.option("--expires", request.expires, "Until when: 15m, 1h, 7d, 2026-12-24T18:00:00Z or Unix time");
  Option begins = verb.option("--not-before", request.not_before, "From when on, in the same forms");
  Option ip = verb.option("--ip", request.ip, "The IPv4 address or CIDR block of the clients it is for");
  Option resource = verb.option("--resource", request.resource, "URLs it is for, with * and ?, in place of the one given");
  verb.option("--policy", options->policy_file, "A file with a whole custom policy in JSON").excludes(expires).excludes(begins).excludes(ip).excludes(resource);
  verb.flag("--sha256", request.sha256, "Sign with SHA-256 instead of SHA-1");
  verb.format_option(options->format);
  verb.does([options] { return sign_command(*options); });
}

void add_url(Verb above) {
  auto options = std::make_shared<SignOptions>();
  Verb verb = above.verb("url", "Print a URL with a signature in its query");
  verb.option("URL", options->request.url, "An absolute URL, as clients will ask for it").required();
  add_options(verb, options);
  verb.footer("With --expires alone the policy is a canned one, for this very URL. With anything else it is a custom one.\n"
              "Examples:\n"
              "  gatehouse sign url --key private.pem --key-pair-id K2JCJMDEHXQW5F --expires 1h https://www.example.com/a.mp4\n"
              "  gatehouse sign url --key private.pem --key-pair-id K2JCJMDEHXQW5F --expires 1h --ip 192.0.2.0/24 \\\n"
              "    --resource 'https://www.example.com/course/*' https://www.example.com/course/1.mp4\n");
}

void add_cookie(Verb above) {
  auto options = std::make_shared<SignOptions>();
  options->request.cookies = true;
  Verb verb = above.verb("cookie", "Print the cookies that give access to URLs");
  verb.option("URL", options->request.url, "An absolute URL; with a * in it, those that it stands for").required();
  add_options(verb, options);
  verb.footer("The lines are for a response that sets the cookies, and for a request that has them.\n"
              "Example:\n"
              "  gatehouse sign cookie --key private.pem --key-pair-id K2JCJMDEHXQW5F --expires 1h 'https://www.example.com/course/*'\n");
}

}  // namespace

void add_sign(Verb above) {
  Verb verb = above.verb("sign", "Make signed URLs and signed cookies");
  verb.needs_verb();
  add_url(verb);
  add_cookie(verb);
}

}  // namespace gatehouse::cli
