#include "rules/scan_plan.hpp"

#include <algorithm>

#include "operators/operator.hpp"

namespace gatehouse::filters {

/// One value on its way through a group.
struct ScanPlan::Pass {
  ScanSpace& space;
  MatchContext& match;
  Report report;
  void* context;
  FieldSet field;
  std::string_view header;  // the header it is, where only uses for that one count

  bool concerns(const Use& use) const noexcept { return (use.fields & field) != 0 && use.header == header; }
};

void ScanPlan::collect(ChainSet wanted, std::string_view text, ScanSpace& space) const {
  auto& views = space.views.views;
  views.clear();
  const std::uint64_t effective = changing(classify(text));
  ChainSet changed = 0;
  for (std::uint64_t rest = effective & transforms_; rest != 0; rest &= rest - 1) changed |= chains_with_[static_cast<unsigned>(__builtin_ctzll(rest))];
  changed &= wanted;
  views.push_back({text, wanted & ~changed, alphabet_of(text)});
  if (changed == 0) return;
  space.chains.start(tree_, text, effective, map_);
  for (ChainSet rest = changed; rest != 0; rest &= rest - 1) {
    const unsigned number = first_chain(rest);
    const std::string_view view = space.chains.at(chains_[number].node);
    const auto same = [&](const ScanViews::View& each) {
      return each.text.size() == view.size() && (each.text.data() == view.data() || each.text == view);
    };
    const auto entry = std::find_if(views.begin(), views.end(), same);
    if (entry == views.end()) {
      views.push_back({view, chain_bit(number), alphabet_of(view)});
    } else {
      entry->chains |= chain_bit(number);
    }
  }
}

void ScanPlan::scan_group(const Group& group, const Wanted& wanted, Pass& pass) const {
  struct Hits {
    const Part* part;
    ChainSet chains;
    const Pass& pass;
  } hits{nullptr, 0, pass};
  const auto search = [&](const Part& part, const ScanViews::View& view) {
    hits.part = &part;
    part.set->scan(
        view.text, view.alphabet, pass.space.automaton,
        [](void* raw, std::uint32_t number) {
          const Hits& to = *static_cast<const Hits*>(raw);
          for (const Use& use : to.part->uses[number]) {
            if ((use.chains & to.chains) != 0 && to.pass.concerns(use)) to.pass.report(to.pass.context, *use.link);
          }
        },
        &hits);
  };
  bool is_first = true;
  for (const ScanViews::View& view : pass.space.views.views) {
    hits.chains = view.chains;
    const ChainSet searched = wanted.scanned & view.chains;
    // The value itself is searched for all patterns; a view that only few chains lead to, for theirs.
    if (searched != 0 && (is_first || (searched & group.plain) != 0)) {
      search(group.all, view);
    } else if (searched != 0) {
      for (const Part& part : group.apart) {
        if ((part.chains & searched) != 0) search(part, view);
      }
    }
    is_first = false;
    if ((wanted.tested & view.chains) == 0) continue;
    for (const Use& use : group.tests) {
      if ((use.chains & view.chains) == 0 || !pass.concerns(use)) continue;
      if (use.link->op->matches(view.text, pass.match) != use.link->negated) pass.report(pass.context, *use.link);
    }
  }
}

void ScanPlan::scan(const Subject& subject, ScanSpace& space, MatchContext& match, Report report, void* context) const {
  const Group* group = group_of(subject.field);
  const auto field = static_cast<unsigned>(subject.field);
  const Wanted wanted = group == nullptr ? Wanted() : group->wanted[field];
  const auto header = subject.field == Field::request_headers ? headers_.find(subject.key) : headers_.end();
  const bool keyed = header != headers_.end();
  ChainSet chains = wanted.scanned | wanted.tested;
  if (keyed) chains |= header->second.wanted.scanned | header->second.wanted.tested;
  if (chains == 0) return;
  collect(chains, subject.text, space);
  Pass pass{space, match, report, context, fields(subject.field), {}};
  if ((wanted.scanned | wanted.tested) != 0) scan_group(*group, wanted, pass);
  if (!keyed) return;
  const bool own = header->second.own != nullptr;
  if (!own) pass.header = header->first;
  scan_group(own ? *header->second.own : *groups_[static_cast<unsigned>(Field::args_get)], header->second.wanted, pass);
}

}  // namespace gatehouse::filters
