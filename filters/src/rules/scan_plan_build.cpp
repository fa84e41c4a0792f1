// ScanPlan: from links to groups and compiled patterns.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "match/pattern_set_build.hpp"
#include "operators/operator.hpp"
#include "rules/scan_plan.hpp"

namespace gatehouse::filters {

namespace {

/// Fields that carry what a client's user typed: nearly the same rules look at all of them.
constexpr FieldSet parameter_fields =
    fields(Field::args_get, Field::args_get_names, Field::args_post, Field::args_post_names, Field::request_cookies,
           Field::request_cookies_names, Field::xml_text, Field::xml_attributes, Field::files, Field::files_names,
           Field::multipart_part_headers);


/// Transformations that change ordinary text, so that chains with them have views of their own.
constexpr std::uint64_t changing_transforms =
    bit_of(Transform::lowercase) | bit_of(Transform::uppercase) | bit_of(Transform::remove_whitespace) |
    bit_of(Transform::compress_whitespace) | bit_of(Transform::cmd_line) | bit_of(Transform::length) | bit_of(Transform::base64_decode) |
    bit_of(Transform::base64_decode_ext) | bit_of(Transform::base64_encode) | bit_of(Transform::hex_decode) |
    bit_of(Transform::hex_encode) | bit_of(Transform::md5) | bit_of(Transform::sha1) | bit_of(Transform::url_encode) |
    bit_of(Transform::trim) | bit_of(Transform::trim_left) | bit_of(Transform::trim_right) | bit_of(Transform::parity_even_7bit) |
    bit_of(Transform::parity_odd_7bit);

/// Transformations that do the same to a text whatever the case of its letters.
constexpr std::uint64_t case_blind_transforms =
    bit_of(Transform::remove_whitespace) | bit_of(Transform::compress_whitespace) | bit_of(Transform::remove_nulls) |
    bit_of(Transform::replace_nulls) | bit_of(Transform::replace_comments) | bit_of(Transform::remove_comments_char) |
    bit_of(Transform::normalize_path) | bit_of(Transform::normalize_path_win) | bit_of(Transform::trim) |
    bit_of(Transform::trim_left) | bit_of(Transform::trim_right);

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
  while (at > 0 && (case_blind_transforms & bit_of(chain[at - 1])) != 0) --at;
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

/// Patterns under one name: links that have the same ones share their number.
std::string key_of(const std::vector<Pattern>& patterns) {
  std::string key;
  for (const Pattern& pattern : patterns) {
    key += static_cast<char>('0' + static_cast<int>(pattern.kind));
    key += pattern.text;
    key += '\0';
  }
  return key;
}

/// Single short texts. Bodies are long, and a request has many headers.
constexpr FieldSet mergeable_fields = fields(Field::request_filename, Field::request_basename);
constexpr std::size_t merge_bytes = 1000;  // groups with fewer bytes of patterns are better off alone

}  // namespace

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
  for (std::uint64_t rest = tree_.transforms(node); rest != 0; rest &= rest - 1) {
    chains_with_[static_cast<unsigned>(__builtin_ctzll(rest))] |= chain_bit(static_cast<unsigned>(chains_.size() - 1));
  }
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

ScanPlan::Group& ScanPlan::group_for(Field field, const Target& target) {
  if (field == Field::request_headers && target.select == Select::key) {
    auto& group = headers_[target.key].own;
    if (group == nullptr) group = std::make_unique<Group>();
    return *group;
  }
  const Field owner = holds(parameter_fields, field) ? Field::args_get : field;
  owner_[static_cast<unsigned>(field)] = static_cast<std::uint8_t>(owner);
  auto& group = groups_[static_cast<unsigned>(owner)];
  if (group == nullptr) group = std::make_unique<Group>();
  return *group;
}

bool ScanPlan::add(const Link& link) {
  std::vector<Pattern> patterns = link.negated ? std::vector<Pattern>() : link.op->patterns();
  const auto chains = chains_of(link, patterns.empty() ? link.transforms : without_lowercase(link, patterns));
  if (!chains) return false;
  std::vector<std::pair<Group*, FieldSet>> wanted;
  for (const Target& target : link.targets) {
    for (unsigned f = 0; f < field_count; ++f) {
      const auto field = static_cast<Field>(f);
      if (!holds(target.fields, field)) continue;
      Group* group = &group_for(field, target);
      const auto same = [&](const auto& each) { return each.first == group; };
      auto entry = std::find_if(wanted.begin(), wanted.end(), same);
      if (entry == wanted.end()) entry = wanted.insert(wanted.end(), {group, 0});
      entry->second |= fields(field);
    }
  }
  for (const auto& [group, set] : wanted) group->added.push_back({{&link, set, *chains, {}}, patterns});
  return true;
}

void ScanPlan::add_to(Group& group, Added added) {
  Use& use = added.use;
  const auto note = [&](Wanted& wanted) { (added.patterns.empty() ? wanted.tested : wanted.scanned) |= use.chains; };
  if (!use.header.empty()) {
    note(headers_[use.header].wanted);
  } else {
    for (unsigned f = 0; f < field_count; ++f) {
      if (holds(use.fields, static_cast<Field>(f))) note(group.wanted[f]);
    }
  }
  if (added.patterns.empty()) {
    group.tests.push_back(use);
    return;
  }
  add_patterns(group.all, use, added.patterns);
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
    add_patterns(*part, use, added.patterns);
  }
}

void ScanPlan::add_patterns(Part& part, const Use& use, const std::vector<Pattern>& patterns) {
  // All patterns of one link share a number; links with the same patterns share it too.
  const std::string key = key_of(patterns);
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
  for (const auto& [key, header] : headers_) {
    if (header.own != nullptr) visit(*header.own);
  }
}

/// Puts groups of short values that search for much the same as the common one with it, so that patterns are compiled once.
void ScanPlan::merge_groups() {
  auto& common = groups_[static_cast<unsigned>(Field::args_get)];
  if (common == nullptr) common = std::make_unique<Group>();
  std::unordered_set<std::string> known;
  for (const Added& each : common->added) known.insert(key_of(each.patterns));
  const auto is_like = [&](const Group& group) {
    std::size_t shared = 0, all = 0;
    for (const Added& each : group.added) {
      const std::string key = key_of(each.patterns);
      all += key.size();
      shared += known.contains(key) ? key.size() : 0;
    }
    return all > merge_bytes && shared * 2 > all;
  };
  for (unsigned f = 0; f < field_count; ++f) {
    auto& group = groups_[f];
    if (group == nullptr || !holds(mergeable_fields, static_cast<Field>(f)) || !is_like(*group)) continue;
    owner_[f] = static_cast<std::uint8_t>(Field::args_get);
    for (Added& each : group->added) common->added.push_back(std::move(each));
    group = nullptr;
  }
  for (auto& [name, header] : headers_) {
    if (!is_like(*header.own)) continue;
    for (Added& each : header.own->added) {
      each.use.header = name;
      common->added.push_back(std::move(each));
    }
    header.own = nullptr;
  }
  for (const auto& group : groups_) {
    if (group == nullptr) continue;
    for (Added& each : std::exchange(group->added, {})) add_to(*group, std::move(each));
  }
  for (auto& [name, header] : headers_) {
    if (header.own == nullptr) continue;
    for (Added& each : std::exchange(header.own->added, {})) add_to(*header.own, std::move(each));
    header.wanted = header.own->wanted[static_cast<unsigned>(Field::request_headers)];
  }
}

Result<void, std::string> ScanPlan::compile_parts(const std::string& cache_folder, const RunJobs& run_jobs) {
  struct Building {
    Part& part;
    PatternSetBuild build;
  };
  std::vector<std::unique_ptr<Building>> all;
  const auto begin = [&](Part& part) {
    if (!part.patterns.empty()) all.push_back(std::make_unique<Building>(Building{part, PatternSetBuild(part.patterns, cache_folder)}));
    part.numbers.clear();
    part.patterns = {};
  };
  each_group([&](Group& group) {
    begin(group.all);
    for (Part& part : group.apart) begin(part);
  });

  std::vector<std::pair<std::size_t, std::function<void()>>> weighed;
  for (const auto& each : all) {
    PatternSetBuild& build = each->build;
    for (std::size_t i = 0; i < build.job_count(); ++i) weighed.emplace_back(build.weight(i), [&build, i] { build.run(i); });
  }
  std::sort(weighed.begin(), weighed.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::function<void()>> jobs;
  for (auto& [weight, job] : weighed) jobs.push_back(std::move(job));
  if (run_jobs != nullptr && !jobs.empty()) {
    if (!run_jobs(jobs)) return Failure{std::string("given up")};
  } else {
    for (const auto& job : jobs) job();
  }

  for (const auto& each : all) {
    auto set = each->build.finish();
    if (!set) return Failure{set.error()};
    each->part.set.emplace(std::move(*set));
  }
  return {};
}

Result<void, std::string> ScanPlan::finish(const std::string& cache_folder, const RunJobs& run_jobs, const UnicodeMap* map) {
  map_ = map;
  merge_groups();
  return compile_parts(cache_folder, run_jobs);
}

void ScanPlan::fit(ScanSpace& space) const {
  each_group([&](const Group& group) {
    if (group.all.set) group.all.set->fit(space.automaton);
    for (const Part& part : group.apart) part.set->fit(space.automaton);
  });
}

std::size_t ScanPlan::automaton_bytes() const noexcept {
  std::size_t bytes = 0;
  each_group([&](const Group& group) {
    bytes += group.all.set ? group.all.set->bytes() : 0;
    for (const Part& part : group.apart) bytes += part.set->bytes();
  });
  return bytes;
}

}  // namespace gatehouse::filters
