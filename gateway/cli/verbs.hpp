// The verbs of the command line. Each adds itself with its help to the one above it, and gives the exit code when it is
// called: 0 ok, 1 failed or invalid configuration, 2 usage (interfaces: command line).
#pragma once

namespace gatehouse::cli {

class Verb;

void add_run(Verb above);
void add_check(Verb above);
void add_demo(Verb above);
void add_version(Verb above);

}  // namespace gatehouse::cli
