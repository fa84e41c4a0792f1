#include "match/pattern_set_build.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "core/ascii.hpp"
#include "match/database_cache.hpp"
#include "match/shape.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::size_t lost_max = 64;       // an expression that loses more than this spells evasions out
constexpr std::size_t length_max = 15'000;  // Vectorscan refuses expressions of 16,000 bytes
// Of a phrase searched for; a report is confirmed with all of it. Vectorscan takes several times as long for a thousand
// phrases of which many are longer than the eight bytes that its tables hold.
constexpr std::size_t phrase_max = 8;
// Expressions compiled together: those for words, for prose, for others, and those that spell evasions out.
constexpr std::array<std::size_t, 4> together_max{96, 96, 44, 6};

/// The patterns in the forms that the automata search for.
struct Forms {
  std::vector<NumberedPattern> word, prose, plain, spelt;
  std::vector<NumberedPattern> spelt_in_prose;  // apart from the rest: they slow one another down
  std::vector<std::uint32_t> unseen;  // those that only `spelt` may have
};

void add_regex(const NumberedPattern& each, Forms& forms) {
  const ByteSet& text = bytes_of(Alphabet::text);
  const auto shape = Shape::parse(each.pattern.text);
  const auto add = [&](std::vector<NumberedPattern>& to, std::optional<std::string> form) {
    if (!form) return;
    to.push_back(form->size() > length_max ? each : NumberedPattern{each.number, {Pattern::Kind::regex, std::move(*form)}});
  };
  if (!shape) {
    forms.word.push_back(each), forms.prose.push_back(each), forms.plain.push_back(each);
    return;
  }
  add(forms.word, shape->within(bytes_of(Alphabet::word)));
  const bool spelt = shape->lost_within(text) > lost_max;
  add(spelt ? forms.spelt_in_prose : forms.prose, shape->within(bytes_of(Alphabet::prose)));
  if (spelt) {
    add(forms.spelt, shape->within(text));
    forms.unseen.push_back(each.number);
  } else {
    add(forms.plain, shape->within(bytes_of(Alphabet::any)));
  }
}

Forms forms_of(const std::vector<NumberedPattern>& patterns) {
  Forms forms;
  std::unordered_set<std::string> phrases;
  for (const NumberedPattern& each : patterns) {
    if (each.pattern.kind == Pattern::Kind::regex) {
      add_regex(each, forms);
      continue;
    }
    const NumberedPattern begin{each.number, {Pattern::Kind::phrase, each.pattern.text.substr(0, phrase_max)}};
    const std::string& text = each.pattern.text;
    if (!phrases.insert(std::to_string(each.number) + ' ' + lowered(begin.pattern.text)).second) continue;
    forms.plain.push_back(begin);
    const Alphabet alphabet = alphabet_of(text);
    if (alphabet == Alphabet::word) forms.word.push_back(begin);
    if (alphabet <= Alphabet::prose) forms.prose.push_back(begin);
  }
  return forms;
}

/// Everything the result depends on, so that its hash can name a file. The first line is this code's own version.
std::string identity_of(const std::vector<NumberedPattern>& patterns) {
  std::string identity = "pattern set 3\n" + Automaton::platform();
  for (const NumberedPattern& each : patterns) {
    identity += '\n' + std::to_string(each.number) + (each.pattern.kind == Pattern::Kind::regex ? " r " : " p ");
    identity += std::to_string(each.pattern.text.size()) + ' ' + each.pattern.text;
  }
  return identity;
}

/// Even parts with at most so many expressions each; phrases, which are cheap, are all in the first.
std::vector<std::vector<NumberedPattern>> split(std::vector<NumberedPattern> patterns, std::size_t most) {
  const auto is_regex = [](const NumberedPattern& each) { return each.pattern.kind == Pattern::Kind::regex; };
  const auto regexes = static_cast<std::size_t>(std::count_if(patterns.begin(), patterns.end(), is_regex));
  const std::size_t count = std::max<std::size_t>(1, (regexes + most - 1) / most);
  const std::size_t each_has = (regexes + count - 1) / count;
  std::vector<std::vector<NumberedPattern>> parts(count);
  std::size_t at = 0;
  for (NumberedPattern& each : patterns) parts[is_regex(each) ? at++ / each_has : 0].push_back(std::move(each));
  return parts;
}

}  // namespace

PatternSetBuild::PatternSetBuild(const std::vector<NumberedPattern>& patterns, std::string cache_folder)
    : cache_folder_(std::move(cache_folder)), identity_(identity_of(patterns)) {
  if (const auto kept = DatabaseCache(cache_folder_).read(identity_)) {
    if (set_.restore(kept->bytes())) return;
    set_ = PatternSet();
  }
  Forms forms = forms_of(patterns);
  add_jobs(PatternSet::word, std::move(forms.word));
  add_jobs(PatternSet::prose, std::move(forms.prose));
  add_jobs(PatternSet::prose, std::move(forms.spelt_in_prose));
  add_jobs(PatternSet::plain, std::move(forms.plain));
  add_jobs(PatternSet::spelt, std::move(forms.spelt));
  set_.unseen_[static_cast<std::size_t>(Alphabet::any)] = std::move(forms.unseen);
}

void PatternSetBuild::add_jobs(PatternSet::Kind kind, std::vector<NumberedPattern> patterns) {
  for (auto& some : split(std::move(patterns), together_max[kind])) {
    if (!some.empty()) jobs_.push_back({kind, std::move(some), {}, {}, {}});
  }
}

std::size_t PatternSetBuild::weight(std::size_t job) const noexcept {
  std::size_t bytes = 0;
  for (const NumberedPattern& each : jobs_[job].patterns) bytes += each.pattern.text.size();
  return bytes;
}

void PatternSetBuild::run(std::size_t number) {
  Job& job = jobs_[number];
  auto built = Automaton::build(std::move(job.patterns), job.refused);
  if (built) {
    job.automaton = std::move(*built);
  } else {
    job.problem = built.error();
  }
}

/// Patterns that could not be compiled are reported unseen wherever the automaton would have looked for them.
void PatternSetBuild::refuse(const Job& job) {
  const auto in = [&](Alphabet alphabet) {
    auto& unseen = set_.unseen_[static_cast<std::size_t>(alphabet)];
    unseen.insert(unseen.end(), job.refused.begin(), job.refused.end());
  };
  switch (job.kind) {
    case PatternSet::word: in(Alphabet::word); break;
    case PatternSet::prose: in(Alphabet::prose); break;
    case PatternSet::plain: in(Alphabet::any); [[fallthrough]];
    case PatternSet::spelt: in(Alphabet::text); break;
  }
}

Result<PatternSet, std::string> PatternSetBuild::finish() {
  for (Job& job : jobs_) {
    if (!job.problem.empty()) return Failure{std::move(job.problem)};
    refuse(job);
    if (!job.automaton.empty()) set_.automata_[job.kind].push_back(std::move(job.automaton));
  }
  if (!jobs_.empty()) {
    if (const std::string bytes = set_.stored(); !bytes.empty()) DatabaseCache(cache_folder_).write(identity_, bytes);
  }
  return std::move(set_);
}

}  // namespace gatehouse::filters
