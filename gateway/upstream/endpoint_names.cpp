#include "gateway/upstream/endpoint_names.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::upstream {

EndpointNames::EndpointNames(net::Resolver& resolver, OnChange on_change)
    : resolver_(resolver), on_change_(std::move(on_change)) {}

EndpointNames::~EndpointNames() = default;

void EndpointNames::apply(std::span<const Group* const> groups) {
  std::set<const EndpointState*> wanted;
  for (const Group* group : groups) {
    for (const std::shared_ptr<EndpointState>& endpoint : group->owned()) {
      if (!endpoint->named()) continue;
      wanted.insert(endpoint.get());
      auto& followed = followed_[endpoint.get()];
      if (followed != nullptr) continue;
      followed = std::make_unique<Followed>();
      followed->endpoint = endpoint;
      const auto heard = [this, raw = followed.get()](const net::Resolution& resolution) {
        answered(*raw, resolution);
      };
      followed->following = resolver_.follow(endpoint->host(), endpoint->port(), heard);
    }
  }
  std::erase_if(followed_, [&](const auto& entry) { return !wanted.contains(entry.first); });
}

void EndpointNames::answered(Followed& followed, const net::Resolution& resolution) {
  const bool news = !followed.answered || followed.error != resolution.error;
  followed.answered = true;
  followed.error = resolution.error;
  const std::vector<net::Address> before = followed.endpoint->addresses().all();
  if (resolution.ok()) followed.endpoint->set_addresses(resolution.addresses);
  const bool moved = before != followed.endpoint->addresses().all();
  if ((news || moved) && on_change_) on_change_(*followed.endpoint, resolution.error);
}

bool EndpointNames::settled() const noexcept {
  return std::all_of(followed_.begin(), followed_.end(), [](const auto& entry) { return entry.second->answered; });
}

}  // namespace gatehouse::upstream
