// What `gatehouse sign` makes: the policy for a URL and its signature. Pure but for the key file that is read. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/filters/result.hpp"
#include "gateway/tls/signature.hpp"

namespace gatehouse::cli {

/// What is asked for, as it was typed; empty: not.
struct SignRequest {
  std::string url;          // http:// or https://; of cookies it may have wildcards
  std::string key_pair_id;
  std::string expires;
  std::string not_before;
  std::string ip;
  std::string resource;     // in place of the URL
  std::string policy;       // a whole policy in place of all the others
  bool sha256{false};
  bool cookies{false};
};

struct Signature {
  std::string policy;  // what was signed
  std::string url;     // with a path, without the signature
  bool custom{false};
  std::int64_t expires{0};
  std::vector<std::pair<std::string, std::string>> parts;  // Expires or Policy, Signature, Key-Pair-Id, Hash-Algorithm

  /// The URL with the parts in its query.
  std::string signed_url() const;
  /// `CloudFront-Name=value` of each part.
  std::vector<std::string> cookies() const;
};

/// A canned policy when nothing but the expiry is asked for, else a custom one. The error is one line for the user.
Result<Signature, std::string> make_signature(const SignRequest& request, const tls::PrivateKey& key, std::int64_t now_s);

class Verb;
void add_sign(Verb above);

}  // namespace gatehouse::cli
