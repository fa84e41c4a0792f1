#include "gateway/observe/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "gateway/observe/json_text.hpp"
#include "gateway/observe/time_text.hpp"

namespace gatehouse::observe {
namespace {

std::uint64_t wall_now() {
  timespec at{};
  ::clock_gettime(CLOCK_REALTIME, &at);
  return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(at.tv_nsec);
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

void append_time(std::string& out, std::uint64_t wall_ns) {
  char text[24];
  char* end = put_date_time(text, wall_ns / 1'000'000'000u);
  const auto millis = static_cast<unsigned>(wall_ns % 1'000'000'000u / 1'000'000u);
  *end++ = '.';
  *end++ = static_cast<char>('0' + millis / 100);
  end = put_two(end, millis % 100);
  *end++ = 'Z';
  out.append(text, end);
}

bool is_plain(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
  });
}

/// Text for people: values that hold anything odd are quoted, so that a line stays one line.
void append_text_field(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += '=';
  if (is_plain(value)) {
    out += value;
  } else {
    append_json_string(out, value);
  }
}

void append_escaped(std::string& out, std::string_view text) {
  const std::size_t at = out.size();
  append_json_string(out, text);
  out.erase(at, 1);
  out.pop_back();
}

void append_json_field(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, value);
}

}  // namespace

EventLog::EventLog() : EventLog(Options()) {}

EventLog::EventLog(Options options, WallClock clock) : options_(options), clock_(clock ? clock : &wall_now) {}

void EventLog::configure(Options options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

bool EventLog::admit(Budget& budget, std::uint64_t now_ms) const {
  if (now_ms - budget.window_began_ms >= options_.window_ms) {
    budget.window_began_ms = now_ms;
    budget.used = 0;
  }
  return budget.used++ < options_.burst;
}

void EventLog::write(Level level, std::string_view kind, std::string_view message,
                     std::initializer_list<EventField> fields) {
  const std::lock_guard lock(mutex_);
  if (level < options_.level) return;
  const std::uint64_t now = clock_();
  Budget& budget = budgets_.try_emplace(std::string(kind)).first->second;
  if (!admit(budget, now / 1'000'000u)) {
    ++budget.suppressed;
    ++suppressed_;
    return;
  }
  const bool json = options_.format == EventFormat::json;
  const auto append_field = json ? &append_json_field : &append_text_field;
  std::string line = json ? "{\"time\":\"" : "";
  append_time(line, now);
  if (json) {
    line += '"';
    append_json_field(line, "level", level_name(level));
    append_json_field(line, "event", kind);
    append_json_field(line, "message", message);
  } else {
    line.append(" ").append(level_name(level)).append(" ").append(kind).append(": ");
    append_escaped(line, message);
  }
  for (const EventField& field : fields) append_field(line, field.name, field.value);
  if (budget.suppressed != 0) append_field(line, "suppressed_before", std::to_string(budget.suppressed));
  budget.suppressed = 0;
  line += json ? "}\n" : "\n";
  // One call, so that lines of several processes on one terminal do not mix. Nobody is left to tell if it fails.
  [[maybe_unused]] const auto written = ::write(options_.fd, line.data(), line.size());
}

std::uint64_t EventLog::suppressed() const {
  const std::lock_guard lock(mutex_);
  return suppressed_;
}

EventLog& event_log() {
  static EventLog log;
  return log;
}

}  // namespace gatehouse::observe
