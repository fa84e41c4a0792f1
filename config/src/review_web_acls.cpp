// Web ACLs: names that have to exist or be unique, settings without effect.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// Looks up the names that listeners and rules use, and notes which are used.
class References {
 public:
  References(const Config& config, Findings& findings) : findings_(findings) {
    for (const WebAcl& acl : config.web_acls) known_.push_back(acl.name);
  }
  void look_up(const std::string& name, const std::string& field) {
    if (name.empty()) return;
    used_.insert(name);
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) return;
    findings_.error(field, fmt::format("there is no web ACL {}", quote(name)), suggestion(name, known_, "web_acls"));
  }
  bool used(const std::string& name) const { return used_.contains(name); }

 private:
  Findings& findings_;
  std::vector<std::string_view> known_;
  std::set<std::string> used_;
};

}  // namespace

void review_web_acls(const Config& config, Findings& findings) {
  References references(config, findings);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const Listener& listener = config.listeners[i];
    const std::string field = item("listeners", i);
    references.look_up(listener.web_acl, field + ".web_acl");
    for (std::size_t j = 0; j < listener.rules.size(); ++j) {
      references.look_up(listener.rules[j].web_acl, item(field + ".rules", j) + ".web_acl");
    }
  }
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.web_acls.size(); ++i) {
    const std::string& name = config.web_acls[i].name;
    names.push_back({name, item("web_acls", i) + ".name"});
    if (!name.empty() && !references.used(name)) {
      findings.warning(item("web_acls", i), fmt::format("web ACL {} is not used", quote(name)),
                       "name it in a listener's or a rule's web_acl, or remove it");
    }
  }
  refuse_duplicates(names, "web ACL", findings);
}

}  // namespace gatehouse::config
