// The command line as the verbs see it: each says which options it has, what help they get and what is done. CLI11 does
// the work, and its templates are compiled once, in verb.cpp; no verb includes it. Verb and Option are handles that
// cost a pointer or two: copy them freely, while the CommandLine lives.
//
//   void add_region(Verb above) {
//     auto options = std::make_shared<Options>();
//     Verb verb = above.verb("region", "Show the regions of a running gateway");
//     verb.option("--top", options->top, "How many").between(1, 100).show_default();
//     verb.does([options] { return region(*options); });
//   }
//
// What an option writes to must live until the verb is done, so `does` takes a share of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gatehouse::cli {

/// One option or positional of a verb.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option& required();
  /// Help shows the value that the variable has now.
  Option& show_default();
  Option& one_of(std::vector<std::string> choices);
  Option& between(unsigned low, unsigned high);
  /// A repeatable option takes one value each time, so that positionals may follow it.
  Option& one_value_each();
  Option& excludes(Option other);
  Option& needs(Option other);

 private:
  CLI::Option* option_;
};

/// A verb, or a group of them.
class Verb {
 public:
  Verb(CLI::App* app, int* exit_code) : app_(app), exit_code_(exit_code) {}

  /// A verb below this one.
  Verb verb(const std::string& name, const std::string& about);
  /// It is a group: without a verb of it the call is wrong.
  Verb& needs_verb();
  /// Printed at the end of its help.
  Verb& footer(const std::string& text);

  /// `names` as they are typed, "-c,--config"; without dashes it is a positional.
  Option option(const std::string& names, std::string& to, const std::string& about);
  Option option(const std::string& names, unsigned& to, const std::string& about);
  Option option(const std::string& names, std::uint16_t& to, const std::string& about);
  Option option(const std::string& names, std::vector<std::string>& to, const std::string& about);
  void flag(const std::string& names, bool& to, const std::string& about);
  /// --format: text or json.
  void format_option(std::string& to);

  /// What is done when this verb was called; returns the exit code: 0 ok, 1 failed, 2 wrong usage. A group is done
  /// after its verb.
  void does(std::function<int()> work);
  /// Whether it is among those that were called.
  bool called() const;

 private:
  CLI::App* app_;
  int* exit_code_;
};

/// The whole program's command line.
class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& about, const std::string& footer);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Verbs are added below it.
  Verb top();
  /// Reads the arguments (without the program's name), does what they say, and gives the exit code. Help goes to the
  /// standard output, and to the error output when there are no arguments.
  int run(std::vector<std::string> arguments);

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_code_{0};
};

}  // namespace gatehouse::cli
