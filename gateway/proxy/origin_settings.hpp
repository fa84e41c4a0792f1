// What the requests to a target group are sent with beside what clients say (aws-cloudfront 11, 13, 18): a path before theirs,
// fields of the group's own, a signature. Settings are made with the snapshot and shared by all workers. ForOrigin puts
// them on one exchange's request for one attempt and takes them off again: the next one may go to another group,
// which is not to learn them, and the access log shows what the client asked for.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/filters/result.hpp"
#include "gatehouse/filters/result.hpp"
#include "gateway/cdn/sigv4.hpp"
#include "gateway/http/field.hpp"

namespace gatehouse::http {
struct Request;
}
namespace gatehouse::proxy {

struct Passage;

struct OriginSettings {
  struct Header {
    std::string name;
    std::string value;
  };
  std::string path;
  std::vector<Header> headers;
  bool endpoint_host{false};  // Host is the endpoint's address: what is signed is signed for a host
  std::optional<cdn::Sigv4Signer> signer;
  bool keep_authorization{false};  // a client's own is not replaced
};

/// Null for a group that has none; or why its secret cannot be had.
Result<std::unique_ptr<const OriginSettings>, std::string> compile_origin_settings(const config::TargetGroup& group);

class ForOrigin {
 public:
  /// `host`: what would be sent without settings. The passage's group and endpoint are chosen.
  ForOrigin(Passage& passage, std::string_view host);
  ~ForOrigin();
  ForOrigin(const ForOrigin&) = delete;
  ForOrigin& operator=(const ForOrigin&) = delete;

  std::string_view host() const noexcept { return host_; }

 private:
  void apply(Passage& passage, const OriginSettings& settings);
  void add_header(const OriginSettings::Header& header);
  void sign(Passage& passage, const OriginSettings& settings);
  template <class Is>
  void drop(Is&& is);

  http::Request* request_{nullptr};  // null: there is nothing to take off
  std::string_view host_;
  std::size_t added_{0};
  std::bitset<http::fields_max> dropped_;
};

}  // namespace gatehouse::proxy
