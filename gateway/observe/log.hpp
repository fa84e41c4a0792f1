// Log: what operators read: start, reload, a health change, a problem. One line an event on stderr, as text or JSON.
// Not for anything that happens per request. Any thread; a lock inside. At most a burst of each kind goes through in a
// window of time, the rest is counted and the count is told when the next one does.
//
//   log_info("reload", "configuration is in force", {{"generation", "7"}, {"changes", "2 endpoints"}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::observe {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class EventFormat : std::uint8_t { text, json };

struct EventField {
  std::string_view name;  // [a-z0-9_]+, written as it is
  std::string_view value;
};

class EventLog {
 public:
  struct Options {
    int fd{2};
    Level level{Level::info};
    EventFormat format{EventFormat::text};
    std::uint32_t burst{20};           // events of one kind ...
    std::uint64_t window_ms{10'000};  // ... in this time
  };
  using WallClock = std::uint64_t (*)();  // nanoseconds since 1970

  EventLog();
  explicit EventLog(Options options, WallClock clock = nullptr);

  void configure(Options options);
  /// `kind` names the event for scripts and for the rate limit: a short fixed word, not data.
  void write(Level level, std::string_view kind, std::string_view message, std::initializer_list<EventField> fields = {});
  /// Events left out by the rate limit so far.
  std::uint64_t suppressed() const;

 private:
  struct Budget {
    std::uint64_t window_began_ms{0};
    std::uint32_t used{0};
    std::uint64_t suppressed{0};
  };
  bool admit(Budget& budget, std::uint64_t now_ms) const;

  mutable std::mutex mutex_;
  Options options_;
  WallClock clock_;
  std::map<std::string, Budget, std::less<>> budgets_;
  std::uint64_t suppressed_{0};
};

/// The process's own.
EventLog& event_log();

inline void log_debug(std::string_view kind, std::string_view message, std::initializer_list<EventField> fields = {}) {
  event_log().write(Level::debug, kind, message, fields);
}
inline void log_info(std::string_view kind, std::string_view message, std::initializer_list<EventField> fields = {}) {
  event_log().write(Level::info, kind, message, fields);
}
inline void log_warning(std::string_view kind, std::string_view message, std::initializer_list<EventField> fields = {}) {
  event_log().write(Level::warning, kind, message, fields);
}
inline void log_error(std::string_view kind, std::string_view message, std::initializer_list<EventField> fields = {}) {
  event_log().write(Level::error, kind, message, fields);
}

}  // namespace gatehouse::observe
