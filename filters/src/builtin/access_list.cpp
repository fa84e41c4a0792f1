#include <string>
#include <utility>
#include <vector>

#include "builtin/builtin.hpp"
#include "gatehouse/filters/ip_set.hpp"

namespace gatehouse::filters {

namespace {

/// Lets clients in by their address. `deny` wins over `allow`; when `allow` lists anything, every other client is
/// denied. Denied clients get 403. Settings: `allow`, `deny`: lists of addresses and CIDR blocks.
class AccessList final : public Filter {
 public:
  AccessList(IpSet allow, IpSet deny) noexcept : allow_(std::move(allow)), deny_(std::move(deny)) {}
  std::string_view name() const noexcept override { return "access_list"; }

  Verdict on_request_head(const RequestView& request, Transaction& transaction) const override {
    if (deny_.contains(request.client)) return refuse("access_list_denied", transaction);
    if (allow_.empty() || allow_.contains(request.client)) return Verdict::pass;
    return refuse("access_list_not_allowed", transaction);
  }

 private:
  static Verdict refuse(std::string_view reason, Transaction& transaction) {
    transaction.respond(Reply::forbidden(reason));
    return Verdict::respond;
  }

  IpSet allow_;
  IpSet deny_;
};

std::vector<Cidr> blocks_of(const Setting& setting, std::vector<SettingProblem>& problems) {
  std::vector<Cidr> blocks;
  for (std::size_t i = 0; i < setting.values.size(); ++i) {
    auto block = parse_cidr(setting.values[i]);
    if (block) {
      blocks.push_back(*block);
    } else {
      problems.push_back({std::string(setting.name), i, block.error().message, block.error().hint});
    }
  }
  return blocks;
}

}  // namespace

MadeFilter make_access_list(Settings settings) {
  std::vector<SettingProblem> problems;
  std::vector<Cidr> allow, deny;
  for (const Setting& setting : settings) {
    if (setting.name == "allow") {
      allow = blocks_of(setting, problems);
    } else if (setting.name == "deny") {
      deny = blocks_of(setting, problems);
    } else {
      problems.push_back({std::string(setting.name), 0, "access_list has no such setting", "allow and deny exist"});
    }
  }
  if (!problems.empty()) return Failure{std::move(problems)};
  return std::unique_ptr<const Filter>(std::make_unique<AccessList>(IpSet(allow), IpSet(deny)));
}

}  // namespace gatehouse::filters
