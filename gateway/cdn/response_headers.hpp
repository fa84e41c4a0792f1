// Response headers policies: which fields a response loses, gets or keeps on its way to the client, whatever the origin or the
// cache gave it (aws-cloudfront: "Response headers policy"). Compiled once: the lines of fixed texts are those of the policy, so
// a response takes views of them; the policy must outlive the exchange. Immutable; any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gateway/exchange/scratch.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cdn {

/// A line `name: value CRLF` that a policy adds.
struct PolicyField {
  http::Field field;
  bool override{false};  // in place of what the origin sends; else only where it sends none
};

/// How a response came about, as Server-Timing tells it.
struct Delivery {
  enum class Cache : std::uint8_t { hit, refresh, miss };
  Cache cache{Cache::miss};
  std::optional<std::uint64_t> upstream_ns;  // until the first byte of the origin's response, when one was asked
  std::uint64_t downstream_ns{0};            // since the request was there
  std::string_view request_id;
  std::string_view date;   // of now
  std::uint64_t draw{0};  // a random number, for the sampling
};

class ResponseHeadersPolicy {
 public:
  explicit ResponseHeadersPolicy(const config::ResponseHeadersPolicy& from);
  ResponseHeadersPolicy(const ResponseHeadersPolicy&) = delete;
  ResponseHeadersPolicy& operator=(const ResponseHeadersPolicy&) = delete;

  const std::string& name() const noexcept { return name_; }
  /// Whether a response's Server-Timing is this policy's business; else a Delivery need not be made.
  bool times() const noexcept { return times_; }
  /// Removes, then adds: cross-origin, security and own fields, Server-Timing.
  void apply(const http::Request& request, http::Response& response, const Delivery& delivery, exchange::Scratch& scratch) const;

 private:
  /// An origin that may read: `scheme://host:port`, each part of which may be missing but the host.
  struct Origin {
    std::string scheme;  // with ://; empty: any
    std::string host;    // with a port where one is written; of a `below` what follows the star
    bool below{false};   // *.host
  };
  struct Cors {
    std::vector<Origin> origins;
    bool any{false};
    bool override{false};
    http::Field vary;
    std::vector<http::Field> always;     // for every allowed request
    std::vector<http::Field> preflight;  // for preflights
  };

  void compile_cors(const config::CorsConfig& from);
  void compile_security(const config::SecurityHeadersConfig& from);
  http::Field line(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value, bool override);
  static Origin origin_of(std::string_view text);
  static bool allows(const Origin& allowed, std::string_view origin) noexcept;
  void apply_cors(const http::Request& request, http::FieldList& fields, exchange::Scratch& scratch) const;
  void apply_timing(const http::Request& request, http::FieldList& fields, const Delivery& delivery, exchange::Scratch& scratch) const;

  std::string name_;
  std::deque<std::string> lines_;  // what the fields are views of
  std::vector<std::string> removed_;
  std::optional<Cors> cors_;
  std::vector<PolicyField> added_;
  bool times_{false};
  std::uint64_t sampled_below_{0};  // of 1 000 000
};

}  // namespace gatehouse::cdn
