// AWS Signature Version 4 for requests to S3 (aws-cloudfront 18): which texts of a request are signed in which form, and the
// Authorization field that comes of it. The path is encoded once, as S3 wants it; other services encode it twice. Pure: the
// time is handed in. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::cdn {

/// `20130524T000000Z`.
using Sigv4Time = std::array<char, 16>;
Sigv4Time sigv4_time(std::int64_t unix_s) noexcept;

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
/// SHA-256 of no content.
inline constexpr std::string_view empty_payload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Sigv4Field {
  std::string_view name;   // lower case
  std::string_view value;  // without spaces around it, and without two of them in a row
};

struct Sigv4Request {
  std::string_view method;
  std::string_view path_prefix;  // joined with the path; both as they are sent
  std::string_view path;
  std::string_view query;        // as it is sent
  std::span<const Sigv4Field> fields;  // what is signed, by name; `host` has to be there, and every `x-amz-` field
  std::string_view payload_hash;
};

class Sigv4Signer {
 public:
  struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string region;
    std::string service;
  };
  explicit Sigv4Signer(Credentials credentials) : credentials_(std::move(credentials)) {}

  /// The value of Authorization; `out` is overwritten.
  void sign(const Sigv4Request& request, const Sigv4Time& time, std::string& out) const;

 private:
  Credentials credentials_;
};

/// The text whose hash is signed, for tests and for finding out why an origin disagrees.
void append_canonical_request(const Sigv4Request& request, std::string& out);

}  // namespace gatehouse::cdn
