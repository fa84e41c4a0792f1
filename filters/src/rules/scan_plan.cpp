#include "rules/scan_plan.hpp"

#include "core/ascii.hpp"
#include "operators/operator.hpp"

namespace gatehouse::filters {

namespace {

constexpr FieldSet head_fields =
    fields(Field::request_line, Field::request_method, Field::request_protocol, Field::request_uri, Field::request_uri_raw,
           Field::request_filename, Field::request_basename, Field::query_string, Field::request_headers,
           Field::request_headers_names, Field::remote_addr, Field::server_name, Field::unique_id);

constexpr ChainSet chain_bit(unsigned number) noexcept { return ChainSet{1} << number; }

unsigned first_chain(ChainSet set) noexcept {
  const auto low = static_cast<std::uint64_t>(set);
  return low != 0 ? static_cast<unsigned>(__builtin_ctzll(low))
                  : 64u + static_cast<unsigned>(__builtin_ctzll(static_cast<std::uint64_t>(set >> 64)));
}

FieldSet fields_of(const Link& link) noexcept {
  FieldSet all = 0;
  for (const Target& target : link.targets) all |= target.fields;
  return all;
}

}  // namespace

/// The distinct texts a value turns into, each with the chains that lead to it.
struct ScanPlan::Views {
  static constexpr std::size_t count_max = chains_max;
  std::array<std::string_view, count_max> texts;
  std::array<ChainSet, count_max> chains;
  std::size_t count{0};

  void add(std::string_view text, ChainSet set) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (texts[i].size() == text.size() && (texts[i].data() == text.data() || texts[i] == text)) {
        chains[i] |= set;
        return;
      }
    }
    texts[count] = text, chains[count] = set;
    ++count;
  }
};

ScanGroup scan_group(Field field) noexcept {
  if (holds(response_fields, field)) return ScanGroup::response;
  if (field == Field::request_body) return ScanGroup::request_body;
  return holds(head_fields, field) ? ScanGroup::head : ScanGroup::parameters;
}

bool ScanPlan::takes(const Link& link) noexcept {
  if (link.targets.empty() || link.op == nullptr || !link.op->depends_on_value_only()) return false;
  for (const Target& target : link.targets) {
    if (target.count || (target.fields & running_fields) != 0) return false;
  }
  return true;
}

std::optional<unsigned> ScanPlan::number_of(ChainTree::Node node) {
  for (unsigned i = 0; i < chains_.size(); ++i) {
    if (chains_[i].node == node) return i;
  }
  if (chains_.size() == chains_max) return std::nullopt;
  chains_.push_back({node, tree_.transforms(node)});
  transforms_ |= tree_.transforms(node);
  return static_cast<unsigned>(chains_.size() - 1);
}

std::optional<ChainSet> ScanPlan::chains_of(const Link& link) {
  ChainSet set = 0;
  // With multi_match the operator runs on the value as it is and after each step.
  ChainTree::Node node = tree_.intern(link.transforms);
  while (true) {
    const auto number = number_of(node);
    if (!number) return std::nullopt;
    set |= chain_bit(*number);
    if (!link.multi_match || node == 0) return set;
    node = tree_.parent(node);
  }
}

bool ScanPlan::add(const Link& link) {
  const auto chains = chains_of(link);
  if (!chains) return false;
  std::vector<Pattern> patterns = link.negated ? std::vector<Pattern>() : link.op->patterns();
  for (const Pattern& pattern : patterns) {
    if (!Automaton::takes(pattern)) {
      patterns.clear();
      break;
    }
  }
  const FieldSet all = fields_of(link);
  for (unsigned i = 0; i < scan_group_count; ++i) {
    Use use{&link, 0, *chains};
    for (unsigned f = 0; f < field_count; ++f) {
      const auto field = static_cast<Field>(f);
      if (holds(all, field) && scan_group(field) == static_cast<ScanGroup>(i)) use.fields |= fields(field);
    }
    if (use.fields != 0) add_to(groups_[i], use, patterns);
  }
  return true;
}

void ScanPlan::add_to(Group& group, const Use& use, const std::vector<Pattern>& patterns) {
  for (unsigned f = 0; f < field_count; ++f) {
    if (holds(use.fields, static_cast<Field>(f))) (patterns.empty() ? group.tested : group.scanned)[f] |= use.chains;
  }
  if (patterns.empty()) {
    group.tests.push_back(use);
    return;
  }
  // All patterns of one link share a number; links with the same patterns share it too.
  std::string key;
  for (const Pattern& pattern : patterns) {
    key += static_cast<char>('0' + static_cast<int>(pattern.kind));
    key += pattern.text;
    key += '\0';
  }
  const auto [entry, is_new] = group.numbers.try_emplace(key, static_cast<std::uint32_t>(group.uses.size()));
  if (is_new) {
    group.uses.emplace_back();
    for (const Pattern& pattern : patterns) group.patterns.push_back({entry->second, pattern});
  }
  group.uses[entry->second].push_back(use);
}

Result<void, std::string> ScanPlan::finish(const std::string& cache_folder, const UnicodeMap* map) {
  map_ = map;
  for (Group& group : groups_) {
    if (group.patterns.empty()) continue;
    auto automaton = Automaton::build(group.patterns, cache_folder);
    if (!automaton) return Failure{automaton.error()};
    group.automaton = std::make_unique<const Automaton>(std::move(*automaton));
    group.numbers.clear();
    group.patterns = {};
  }
  return {};
}

void ScanPlan::fit(ScanSpace& space) const {
  for (const Group& group : groups_) {
    if (group.automaton) space.automaton.fit(*group.automaton);
  }
}

std::size_t ScanPlan::automaton_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Group& group : groups_) bytes += group.automaton ? group.automaton->bytes() : 0;
  return bytes;
}

void ScanPlan::collect(ChainSet wanted, std::string_view text, ScanSpace& space, Views& views) const {
  const std::uint64_t effective = effective_transforms(transforms_, classify(text));
  ChainSet unchanged = 0;
  ChainSet changed = 0;
  for (ChainSet rest = wanted; rest != 0; rest &= rest - 1) {
    const unsigned number = first_chain(rest);
    ((chains_[number].transforms & effective) == 0 ? unchanged : changed) |= chain_bit(number);
  }
  if (unchanged != 0) views.add(text, unchanged);
  if (changed == 0) return;
  space.chains.start(tree_, text, effective, map_);
  for (ChainSet rest = changed; rest != 0; rest &= rest - 1) {
    const unsigned number = first_chain(rest);
    views.add(space.chains.at(chains_[number].node), chain_bit(number));
  }
}

void ScanPlan::scan(const Subject& subject, ScanSpace& space, MatchContext& match, Report report, void* context) const {
  const Group& group = groups_[static_cast<unsigned>(scan_group(subject.field))];
  const auto field = static_cast<unsigned>(subject.field);
  const ChainSet scanned = group.scanned[field], tested = group.tested[field];
  if ((scanned | tested) == 0) return;

  Views views;
  collect(scanned | tested, subject.text, space, views);
  struct Hits {
    const Group& group;
    ChainSet chains;
    FieldSet fields;
    Report report;
    void* context;
  } hits{group, 0, fields(subject.field), report, context};
  for (std::size_t i = 0; i < views.count; ++i) {
    hits.chains = views.chains[i];
    if (group.automaton && (scanned & hits.chains) != 0) {
      group.automaton->scan(
          views.texts[i], space.automaton,
          [](void* raw, std::uint32_t number) {
            const Hits& to = *static_cast<const Hits*>(raw);
            for (const Use& use : to.group.uses[number]) {
              if ((use.chains & to.chains) != 0 && (use.fields & to.fields) != 0) to.report(to.context, *use.link);
            }
          },
          &hits);
    }
    if ((tested & hits.chains) == 0) continue;
    for (const Use& use : group.tests) {
      if ((use.chains & hits.chains) == 0 || (use.fields & hits.fields) == 0) continue;
      if (use.link->op->matches(views.texts[i], match) != use.link->negated) report(context, *use.link);
    }
  }
}

}  // namespace gatehouse::filters
