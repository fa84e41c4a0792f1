#include "gateway/upstream/endpoint_names.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::upstream {
namespace {

/// A name with both families is reached over IPv4, as ALB's targets are by default: to take turns between them would
/// fail every second connection where one of the two leads nowhere.
std::span<const net::Address> one_family(const std::vector<net::Address>& addresses) noexcept {
  const auto first_v6 = std::find_if(addresses.begin(), addresses.end(), [](const net::Address& a) { return !a.is_v4(); });
  const auto v4 = static_cast<std::size_t>(first_v6 - addresses.begin());
  return v4 == 0 ? std::span(addresses) : std::span(addresses).first(v4);
}

}  // namespace

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
      const auto heard = [this, raw = followed.get()](const net::Resolution& resolution) { answered(*raw, resolution); };
      followed->following = resolver_.follow(endpoint->host(), endpoint->port(), heard);
    }
  }
  std::erase_if(followed_, [&](const auto& entry) { return !wanted.contains(entry.first); });
}

void EndpointNames::answered(Followed& followed, const net::Resolution& resolution) {
  const bool news = !followed.answered || followed.error != resolution.error;
  followed.answered = true;
  followed.error = resolution.error;
  bool moved = false;
  if (resolution.ok()) {
    const auto wanted = one_family(resolution.addresses);
    const std::vector<net::Address> known = followed.endpoint->addresses().all();
    moved = !std::equal(wanted.begin(), wanted.end(), known.begin(), known.end());
    if (moved) followed.endpoint->set_addresses(wanted);
  }
  if ((news || moved) && on_change_) on_change_(*followed.endpoint, resolution.error);
}

bool EndpointNames::settled() const noexcept {
  return std::all_of(followed_.begin(), followed_.end(), [](const auto& entry) { return entry.second->answered; });
}

}  // namespace gatehouse::upstream
