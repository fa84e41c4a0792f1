#include "rules/scan_plan.hpp"

#include <algorithm>

#include "core/ascii.hpp"
#include "operators/operator.hpp"

namespace gatehouse::filters {

namespace {

/// Fields that carry what a client's user typed: nearly the same rules look at all of them.
constexpr FieldSet parameter_fields =
    fields(Field::args_get, Field::args_get_names, Field::args_post, Field::args_post_names, Field::request_cookies,
           Field::request_cookies_names, Field::xml_text, Field::xml_attributes, Field::files, Field::files_names,
           Field::multipart_part_headers);

constexpr std::uint64_t bit(Transform transform) noexcept { return std::uint64_t{1} << static_cast<unsigned>(transform); }

/// Transformations that change ordinary text, so that chains with them have views of their own.
constexpr std::uint64_t changing_transforms =
    bit(Transform::lowercase) | bit(Transform::uppercase) | bit(Transform::remove_whitespace) |
    bit(Transform::compress_whitespace) | bit(Transform::cmd_line) | bit(Transform::length) | bit(Transform::base64_decode) |
    bit(Transform::base64_decode_ext) | bit(Transform::base64_encode) | bit(Transform::hex_decode) |
    bit(Transform::hex_encode) | bit(Transform::md5) | bit(Transform::sha1) | bit(Transform::url_encode) |
    bit(Transform::trim) | bit(Transform::trim_left) | bit(Transform::trim_right) | bit(Transform::parity_even_7bit) |
    bit(Transform::parity_odd_7bit);

/// Transformations that do the same to a text whatever the case of its letters.
constexpr std::uint64_t case_blind_transforms =
    bit(Transform::remove_whitespace) | bit(Transform::compress_whitespace) | bit(Transform::remove_nulls) |
    bit(Transform::replace_nulls) | bit(Transform::replace_comments) | bit(Transform::remove_comments_char) |
    bit(Transform::normalize_path) | bit(Transform::normalize_path_win) | bit(Transform::trim) |
    bit(Transform::trim_left) | bit(Transform::trim_right);

constexpr ChainSet chain_bit(unsigned number) noexcept { return ChainSet{1} << number; }

unsigned first_chain(ChainSet set) noexcept {
  const auto low = static_cast<std::uint64_t>(set);
  return low != 0 ? static_cast<unsigned>(__builtin_ctzll(low))
                  : 64u + static_cast<unsigned>(__builtin_ctzll(static_cast<std::uint64_t>(set >> 64)));
}

/// Whether ignoring case finds at least what the expression finds in lower-case text. It does not where upper-case
/// letters are what must not occur.
bool can_ignore_case(std::string_view expression) noexcept {
  if (expression.find("(?-") != std::string_view::npos || expression.find("[:") != std::string_view::npos) return false;
  bool negated_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] == '\\') {
      ++i;
    } else if (expression[i] == '[' && expression.substr(i, 2) == "[^") {
      negated_class = true;
    } else if (expression[i] == ']') {
      negated_class = false;
    } else if (negated_class && expression[i] >= 'A' && expression[i] <= 'Z') {
      return false;
    }
  }
  return true;
}

/// Takes a lowercase off the chain when searching without regard to case does the same: one view less to scan.
std::vector<Transform> without_lowercase(const Link& link, std::vector<Pattern>& patterns) {
  std::vector<Transform> chain = link.transforms;
  std::size_t at = chain.size();
  while (at > 0 && (case_blind_transforms & bit(chain[at - 1])) != 0) --at;
  if (link.multi_match || at == 0 || chain[at - 1] != Transform::lowercase) return chain;
  for (const Pattern& pattern : patterns) {
    if (pattern.kind == Pattern::Kind::regex && !can_ignore_case(pattern.text)) return chain;
  }
  for (Pattern& pattern : patterns) {
    if (pattern.kind == Pattern::Kind::regex) pattern.text = "(?i)" + pattern.text;
  }
  chain.erase(chain.begin() + static_cast<std::ptrdiff_t>(at - 1));
  return chain;
}

}  // namespace

/// One value on its way through a group.
struct ScanPlan::Pass {
  const Subject& subject;
  ScanSpace& space;
  MatchContext& match;
  Report report;
  void* context;
  FieldSet field;
};

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

std::optional<ChainSet> ScanPlan::chains_of(const Link& link, const std::vector<Transform>& transforms) {
  ChainSet set = 0;
  // With multi_match the operator runs on the value as it is and after each step.
  ChainTree::Node node = tree_.intern(transforms);
  while (true) {
    const auto number = number_of(node);
    if (!number) return std::nullopt;
    set |= chain_bit(*number);
    if (!link.multi_match || node == 0) return set;
    node = tree_.parent(node);
  }
}

ScanPlan::Group& ScanPlan::group_of(Field field, const Target& target) {
  const bool one_header = field == Field::request_headers && target.select == Select::key;
  if (one_header) {
    auto& group = header_groups_[target.key];
    if (group == nullptr) group = std::make_unique<Group>();
    return *group;
  }
  const Field owner = holds(parameter_fields, field) ? Field::args_get : field;
  auto& group = groups_[static_cast<unsigned>(owner)];
  if (group == nullptr) group = std::make_unique<Group>();
  return *group;
}

bool ScanPlan::add(const Link& link) {
  std::vector<Pattern> patterns = link.negated ? std::vector<Pattern>() : link.op->patterns();
  for (const Pattern& pattern : patterns) {
    if (!Automaton::takes(pattern)) {
      patterns.clear();
      break;
    }
  }
  const auto chains = chains_of(link, patterns.empty() ? link.transforms : without_lowercase(link, patterns));
  if (!chains) return false;
  std::vector<std::pair<Group*, FieldSet>> wanted;
  for (const Target& target : link.targets) {
    for (unsigned f = 0; f < field_count; ++f) {
      const auto field = static_cast<Field>(f);
      if (!holds(target.fields, field)) continue;
      Group* group = &group_of(field, target);
      const auto same = [&](const auto& each) { return each.first == group; };
      auto entry = std::find_if(wanted.begin(), wanted.end(), same);
      if (entry == wanted.end()) entry = wanted.insert(wanted.end(), {group, 0});
      entry->second |= fields(field);
    }
  }
  for (const auto& [group, set] : wanted) add_to(*group, {&link, set, *chains}, patterns);
  return true;
}

void ScanPlan::add_to(Group& group, Use use, const std::vector<Pattern>& patterns) {
  for (unsigned f = 0; f < field_count; ++f) {
    if (holds(use.fields, static_cast<Field>(f))) (patterns.empty() ? group.tested : group.scanned)[f] |= use.chains;
  }
  if (patterns.empty()) {
    group.tests.push_back(use);
    return;
  }
  add_patterns(group.all, use, patterns);
  const ChainSet all = use.chains;
  for (ChainSet rest = all; rest != 0; rest &= rest - 1) {
    const unsigned number = first_chain(rest);
    const std::uint64_t signature = chains_[number].transforms & changing_transforms;
    if (signature == 0) {
      group.plain |= chain_bit(number);
      continue;
    }
    auto part = std::find_if(group.apart.begin(), group.apart.end(), [&](const Part& each) { return each.signature == signature; });
    if (part == group.apart.end()) {
      part = group.apart.emplace(group.apart.end());
      part->signature = signature;
    }
    use.chains = chain_bit(number);
    add_patterns(*part, use, patterns);
  }
}

void ScanPlan::add_patterns(Part& part, const Use& use, const std::vector<Pattern>& patterns) {
  // All patterns of one link share a number; links with the same patterns share it too.
  std::string key;
  for (const Pattern& pattern : patterns) {
    key += static_cast<char>('0' + static_cast<int>(pattern.kind));
    key += pattern.text;
    key += '\0';
  }
  const auto [entry, is_new] = part.numbers.try_emplace(key, static_cast<std::uint32_t>(part.uses.size()));
  if (is_new) {
    part.uses.emplace_back();
    for (const Pattern& pattern : patterns) part.patterns.push_back({entry->second, pattern});
  }
  part.uses[entry->second].push_back(use);
  part.chains |= use.chains;
}

template <class Visit>
void ScanPlan::each_group(Visit&& visit) const {
  for (const auto& group : groups_) {
    if (group != nullptr) visit(*group);
  }
  for (const auto& [key, group] : header_groups_) visit(*group);
}

Result<void, std::string> ScanPlan::finish_part(Part& part, const std::string& cache_folder) {
  if (part.patterns.empty()) return {};
  auto automaton = Automaton::build(part.patterns, cache_folder);
  if (!automaton) return Failure{automaton.error()};
  part.automaton = std::make_unique<const Automaton>(std::move(*automaton));
  part.numbers.clear();
  part.patterns = {};
  return {};
}

Result<void, std::string> ScanPlan::finish(const std::string& cache_folder, const UnicodeMap* map) {
  map_ = map;
  Result<void, std::string> result;
  each_group([&](Group& group) {
    if (result) result = finish_part(group.all, cache_folder);
    for (Part& part : group.apart) {
      if (result) result = finish_part(part, cache_folder);
    }
  });
  return result;
}

void ScanPlan::fit(ScanSpace& space) const {
  each_group([&](const Group& group) {
    if (group.all.automaton) space.automaton.fit(*group.all.automaton);
    for (const Part& part : group.apart) space.automaton.fit(*part.automaton);
  });
}

std::size_t ScanPlan::automaton_bytes() const noexcept {
  std::size_t bytes = 0;
  each_group([&](const Group& group) {
    bytes += group.all.automaton ? group.all.automaton->bytes() : 0;
    for (const Part& part : group.apart) bytes += part.automaton->bytes();
  });
  return bytes;
}

void ScanPlan::collect(ChainSet wanted, std::string_view text, ScanSpace& space) const {
  auto& views = space.views.views;
  views.clear();
  const std::uint64_t effective = effective_transforms(transforms_, classify(text));
  ChainSet unchanged = 0, changed = 0;
  for (ChainSet rest = wanted; rest != 0; rest &= rest - 1) {
    const unsigned number = first_chain(rest);
    ((chains_[number].transforms & effective) == 0 ? unchanged : changed) |= chain_bit(number);
  }
  views.push_back({text, unchanged});
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
      views.push_back({view, chain_bit(number)});
    } else {
      entry->chains |= chain_bit(number);
    }
  }
}

void ScanPlan::scan_group(const Group& group, Pass& pass) const {
  const auto field = static_cast<unsigned>(pass.subject.field);
  const ChainSet scanned = group.scanned[field], tested = group.tested[field];
  struct Hits {
    const Part* part;
    ChainSet chains;
    const Pass& pass;
  } hits{nullptr, 0, pass};
  const auto search = [&](const Part& part, std::string_view text) {
    hits.part = &part;
    part.automaton->scan(
        text, pass.space.automaton,
        [](void* raw, std::uint32_t number) {
          const Hits& to = *static_cast<const Hits*>(raw);
          for (const Use& use : to.part->uses[number]) {
            if ((use.chains & to.chains) != 0 && (use.fields & to.pass.field) != 0) to.pass.report(to.pass.context, *use.link);
          }
        },
        &hits);
  };
  bool is_first = true;
  for (const auto& [text, chains] : pass.space.views.views) {
    hits.chains = chains;
    const ChainSet searched = scanned & chains;
    // The value itself goes through one automaton for all; a view that only few chains lead to through theirs.
    if (searched != 0 && (is_first || (searched & group.plain) != 0)) {
      search(group.all, text);
    } else if (searched != 0) {
      for (const Part& part : group.apart) {
        if ((part.chains & searched) != 0) search(part, text);
      }
    }
    is_first = false;
    if ((tested & chains) == 0) continue;
    for (const Use& use : group.tests) {
      if ((use.chains & chains) == 0 || (use.fields & pass.field) == 0) continue;
      if (use.link->op->matches(text, pass.match) != use.link->negated) pass.report(pass.context, *use.link);
    }
  }
}

const ScanPlan::Group* ScanPlan::keyed_group(const Subject& subject) const {
  if (subject.field != Field::request_headers || header_groups_.empty()) return nullptr;
  const auto entry = header_groups_.find(lowered(subject.key));
  return entry == header_groups_.end() ? nullptr : entry->second.get();
}

void ScanPlan::scan(const Subject& subject, ScanSpace& space, MatchContext& match, Report report, void* context) const {
  const Field owner = holds(parameter_fields, subject.field) ? Field::args_get : subject.field;
  const Group* group = groups_[static_cast<unsigned>(owner)].get();
  const Group* keyed = keyed_group(subject);
  const auto field = static_cast<unsigned>(subject.field);
  ChainSet wanted = group == nullptr ? 0 : group->scanned[field] | group->tested[field];
  if (keyed != nullptr) wanted |= keyed->scanned[field] | keyed->tested[field];
  if (wanted == 0) return;
  collect(wanted, subject.text, space);
  Pass pass{subject, space, match, report, context, fields(subject.field)};
  if (group != nullptr) scan_group(*group, pass);
  if (keyed != nullptr) scan_group(*keyed, pass);
}

}  // namespace gatehouse::filters
