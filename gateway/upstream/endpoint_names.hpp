// EndpointNames: keeps the addresses of endpoints that are given by name up to date, by following each name with the
// resolver. Endpoints with numeric addresses need nothing of it. Control thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>

#include "gateway/net/resolver.hpp"
#include "gateway/upstream/group.hpp"

namespace gatehouse::upstream {

class EndpointNames {
 public:
  /// Told when a name gets other addresses, or stops or starts resolving (`error` is empty when it works).
  using OnChange = std::function<void(const EndpointState& endpoint, const std::string& error)>;

  EndpointNames(net::Resolver& resolver, OnChange on_change);
  ~EndpointNames();

  /// Follows the names of these groups' endpoints and no others. Those followed already go on undisturbed.
  void apply(std::span<const Group* const> groups);
  void stop() noexcept { followed_.clear(); }

  /// Whether every name has had an answer, good or bad: from then on the gateway knows what it can know.
  bool settled() const noexcept;

 private:
  struct Followed {
    std::shared_ptr<EndpointState> endpoint;
    bool answered{false};
    std::string error;
    std::unique_ptr<net::Resolver::Following> following;
  };
  void answered(Followed& followed, const net::Resolution& resolution);

  net::Resolver& resolver_;
  OnChange on_change_;
  std::map<const EndpointState*, std::unique_ptr<Followed>> followed_;
};

}  // namespace gatehouse::upstream
