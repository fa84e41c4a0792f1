// The process_* family by Prometheus' convention, read from /proc/self. Part of exposition.hpp.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "gateway/observe/exposition.hpp"

namespace gatehouse::observe {
namespace {

std::string read_all(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The fields of /proc/self/stat from the third on; proc(5) numbers them from 1. The second is the program's name in
/// brackets, which may itself hold spaces and brackets.
struct Stat {
  double user_ticks{0};     // 14
  double system_ticks{0};   // 15
  double start_ticks{0};    // 22, since boot
  double virtual_bytes{0};  // 23
  double resident_pages{0}; // 24
};

Stat read_stat() {
  const std::string text = read_all("/proc/self/stat");
  const auto name_end = text.rfind(')');
  Stat stat;
  if (name_end == std::string::npos) return stat;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 24 && fields >> field; ++number) {
    const double value = std::strtod(field.c_str(), nullptr);
    switch (number) {
      case 14: stat.user_ticks = value; break;
      case 15: stat.system_ticks = value; break;
      case 22: stat.start_ticks = value; break;
      case 23: stat.virtual_bytes = value; break;
      case 24: stat.resident_pages = value; break;
      default: break;
    }
  }
  return stat;
}

double boot_seconds() {
  std::istringstream lines(read_all("/proc/stat"));
  for (std::string word; lines >> word;) {
    if (word != "btime") continue;
    double seconds = 0;
    lines >> seconds;
    return seconds;
  }
  return 0;
}

std::uint64_t count_descriptors() {
  DIR* const directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  std::uint64_t entries = 0;
  while (::readdir(directory) != nullptr) ++entries;
  ::closedir(directory);
  return entries > 3 ? entries - 3 : 0;  // ".", ".." and the one that reads the folder
}

}  // namespace

void write_process(PrometheusText& out) {
  const Stat stat = read_stat();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  out.family("process_cpu_seconds_total", "User and system time of the process.", MetricType::counter);
  out.sample({}, (stat.user_ticks + stat.system_ticks) / ticks);
  out.family("process_resident_memory_bytes", "Memory that is resident.", MetricType::gauge);
  out.sample({}, stat.resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  out.family("process_virtual_memory_bytes", "Memory that is mapped.", MetricType::gauge);
  out.sample({}, stat.virtual_bytes);
  out.family("process_open_fds", "Open file descriptors.", MetricType::gauge);
  out.sample({}, count_descriptors());
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  out.family("process_max_fds", "The most file descriptors the process may have open.", MetricType::gauge);
  out.sample({}, std::uint64_t{limit.rlim_cur});
  out.family("process_start_time_seconds", "When the process began, since 1970.", MetricType::gauge);
  out.sample({}, boot_seconds() + stat.start_ticks / ticks);
}

}  // namespace gatehouse::observe
