// The verbs that talk to a running gateway through its admin API: status, reload, drain, purge, cache. Each is one function that
// writes to the streams it is given and returns the exit code: 0 ok, 1 it did not work, 2 used wrongly; and one that
// adds it with its help to the verb above it.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

namespace gatehouse::cli {

class Verb;

/// Options that all of them have.
struct AdminOptions {
  std::string admin{"127.0.0.1:9900"};  // address:port or unix:/path
  std::string format{"text"};           // text or json
};

struct Output {
  std::ostream& out;
  std::ostream& err;
};

int status_command(const AdminOptions& options, Output output);
int reload_command(const AdminOptions& options, Output output);
/// With a wait that is not zero: until the gateway has ended, for at most that long.
int drain_command(const AdminOptions& options, std::chrono::seconds wait, Output output);

void add_status(Verb above);
void add_reload(Verb above);
void add_drain(Verb above);
void add_purge(Verb above);
void add_cache(Verb above);

}  // namespace gatehouse::cli
