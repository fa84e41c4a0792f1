// A real process is killed while it writes and purges. Afterwards every object that is found is byte for byte one that
// was put, and nothing comes back whose purge had been answered. GATEHOUSE_CRASH_ROUNDS sets how often (5).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>

#include "tests/unit/gateway/cache/disk/on_disk.hpp"

namespace gatehouse::cache {
namespace {

using test::Folder;
using test::OnDisk;

constexpr std::uint32_t urls = 200;

std::string url(std::uint32_t number) { return "https://a.example/c/" + std::to_string(number); }

/// What version `version` of a URL holds: it begins with both numbers, so that what is found can be checked.
std::string content(std::uint32_t number, std::uint32_t version) {
  const std::string start = std::to_string(number) + ":" + std::to_string(version) + ":";
  std::string text = start;
  const std::size_t size = 100 + (number * 7919u + version * 104'729u) % 60'000u;
  while (text.size() < size) text += static_cast<char>('a' + (text.size() * 31 + version + number) % 26);
  return text;
}

/// What the child tells of itself: a purge that was answered, and the last version put before it.
struct Answered {
  std::uint32_t number;
  std::uint32_t version;
};

/// Puts and purges until it is killed.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int told, std::uint32_t version) {
  OnDisk disk(folder);
  runtime::Random random(version);
  for (;; ++version) {
    const std::uint32_t number = static_cast<std::uint32_t>(random.next() % urls);
    disk.put(url(number), content(number, version));
    if (version % 4 != 0) continue;
    if (version % 16 == 0) disk.settle();
    if (!disk.purge(PurgeKind::url, url(number))) ::_exit(1);
    const Answered answered{number, version};
    if (::write(told, &answered, sizeof answered) != sizeof answered) ::_exit(2);
  }
}

/// One life of the child; adds what it told before it was killed.
void live_and_die(const std::filesystem::path& folder, std::uint32_t round, std::map<std::uint32_t, std::uint32_t>& purged) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) write_until_killed(folder, ends[1], (round + 1) * 1'000'000);
  ::close(ends[1]);
  Answered answered{};
  // The kill falls at a moment that has nothing to do with what is being written: after a number of answers.
  for (std::uint32_t left = 20 + round * 37 % 80; left > 0 && ::read(ends[0], &answered, sizeof answered) == sizeof answered;
       --left) {
    purged[answered.number] = answered.version;
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
  while (::read(ends[0], &answered, sizeof answered) == sizeof answered) purged[answered.number] = answered.version;
  ::close(ends[0]);
}

TEST(DiskCrash, leaves_only_whole_objects_and_nothing_that_was_purged) {
  const char* const asked = std::getenv("GATEHOUSE_CRASH_ROUNDS");
  const std::uint32_t rounds = asked != nullptr ? static_cast<std::uint32_t>(std::atoi(asked)) : 5;
  const Folder folder;
  std::map<std::uint32_t, std::uint32_t> purged;
  std::size_t found = 0;
  for (std::uint32_t round = 0; round < rounds; ++round) {
    live_and_die(folder.path, round, purged);
    OnDisk disk(folder.path);
    for (std::uint32_t number = 0; number < urls; ++number) {
      const ObjectRef object = disk.find(url(number));
      if (!object) continue;
      ++found;
      const std::string text = test::content_of(object);
      const auto version = static_cast<std::uint32_t>(std::atoi(text.c_str() + text.find(':') + 1));
      ASSERT_EQ(text == content(number, version), true) << number << ' ' << version;
      const auto last = purged.find(number);
      ASSERT_TRUE(last == purged.end() || version > last->second) << number << " came back";
    }
    EXPECT_EQ(disk.tier->stats().damaged, 0u);
    EXPECT_GE(disk.tier->stats().log.segments, 1u);
  }
  EXPECT_GT(found, rounds * urls / 20);
}

}  // namespace
}  // namespace gatehouse::cache
