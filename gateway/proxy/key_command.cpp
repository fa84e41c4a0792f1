#include "gateway/proxy/key_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

extern char** environ;

namespace gatehouse::proxy {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds time_max{10};
constexpr std::size_t output_max = 256 * 1024;

/// Starts the program with its output on the pipe; its id, or 0 with errno set.
pid_t start(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = 0;
  errno = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return errno == 0 ? child : 0;
}

/// Reads to the end of the pipe. An empty text says that it went well.
std::string read_all(int pipe, std::string& out) {
  const auto until = steady_clock::now() + time_max;
  char block[4096];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
    pollfd ready{pipe, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0) return "did not end within 10 s";
    const ssize_t n = ::read(pipe, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::strerror(errno);
    if (n == 0) return {};
    out.append(block, static_cast<std::size_t>(n));
    if (out.size() > output_max) return "printed more than 256 KiB";
  }
}

}  // namespace

Result<std::string, std::string> run_key_command(const std::vector<std::string>& command) {
  const std::string name = "command \"" + command.front() + "\" ";
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Failure{name + "could not be started: " + std::strerror(errno)};
  const pid_t child = start(command, ends[1]);
  const int start_error = errno;
  ::close(ends[1]);
  if (child == 0) {
    ::close(ends[0]);
    return Failure{name + "could not be started: " + std::strerror(start_error)};
  }
  std::string output;
  const std::string trouble = read_all(ends[0], output);
  ::close(ends[0]);
  if (!trouble.empty()) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!trouble.empty()) return Failure{name + trouble};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Failure{name + (WIFEXITED(status) ? "ended with exit code " + std::to_string(WEXITSTATUS(status)) : "was killed")};
  }
  return output;
}

}  // namespace gatehouse::proxy
