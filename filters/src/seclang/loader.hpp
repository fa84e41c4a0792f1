// Loader: files in ModSecurity's language to rules and settings. Reads everything, whatever is wrong with it, so that
// all problems come at once. One use, one thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "operators/operator.hpp"
#include "rules/settings.hpp"
#include "seclang/actions.hpp"

namespace gatehouse::filters::seclang {

class Loader final : public FileSource {
 public:
  /// Reads a file, or all files of a glob, sorted by name.
  void load_files(const std::string& pattern);
  void load_text(const std::string& name, std::string_view text);
  /// Checks what can only be checked at the end.
  void finish();

  RuleSource& source() noexcept { return source_; }
  Problems& problems() noexcept { return problems_; }

  // FileSource: names in the file that is being read are relative to its folder.
  std::optional<std::string> read(std::string_view name) override;

  // For the directives, see directives.cpp.
  struct Context {
    Loader& loader;
    const Directive& directive;
    Report report;
    const Text& argument(std::size_t i) const { return directive.arguments[i]; }
    Position place() const { return directive.name.at(0); }
  };
  void add_rule(const Context& context);
  void add_action(const Context& context);
  void add_marker(const Context& context);
  void set_default_action(const Context& context);
  void include(const Context& context, bool optional);
  void remove_rules(const Context& context, RemoveRules::By by);
  void update_targets(const Context& context, RemoveRules::By by);
  void update_actions(const Context& context);
  /// The path of a file that the present one names.
  std::string resolve(std::string_view name) const;

 private:
  /// What rules of a phase inherit.
  struct Inherited {
    ActionKind disruption{ActionKind::pass};
    std::uint16_t status{403};
    Template location;
    bool log{true}, audit{true};
    std::vector<Transform> transforms;
  };

  void load_file(const std::string& path);
  void add_link(const Context& context, Link link, Actions actions);
  void append_link(const Context& context, Link link, Actions actions);
  void start_rule(const Context& context, Link link, Actions actions);
  void inherit(Rule& rule, const Actions& actions) const;
  void set_operator(const Context& context, const Text& text, Link& link);
  std::vector<Rule*> chosen(const Context& context, const Text& text, RemoveRules::By by);
  void check_chain_ended();

  RuleSource source_;
  Problems problems_;
  std::array<Inherited, phase_count> inherited_;
  std::map<std::uint32_t, Place> ids_;
  std::string file_;
  unsigned depth_{0};
  bool chain_open_{false};
  bool chain_broken_{false};  // the head could not be read, so members belong to nothing
};

/// Runs one directive; see directives.cpp.
void run_directive(const Loader::Context& context);

}  // namespace gatehouse::filters::seclang
