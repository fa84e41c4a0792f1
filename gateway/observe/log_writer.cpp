#include "gateway/observe/log_writer.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/observe/log.hpp"

namespace gatehouse::observe {
namespace {

using std::chrono::milliseconds;

constexpr int round_ms = 50;          // while lines come
constexpr int deep_sleep_ms = 500;    // when none come: the bell may be missed once, so not for ever
constexpr unsigned rounds_awake = 20;  // empty rounds before the deep sleep
constexpr int retry_ms = 1000;        // after an error that waiting for room does not cure
constexpr std::size_t pieces_max = 512;  // below IOV_MAX

void report_to_event_log(std::string_view message, int os_error) {
  if (os_error == 0) return log_info("access_log", message);
  log_error("access_log", message, {{"error", std::strerror(os_error)}});
}

/// Signals are for the control thread; SIGPIPE would be raised on this one, and write() says EPIPE anyway.
std::thread start_without_signals(std::function<void()> work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

bool is_standard_stream(const std::string& path) { return path == "stdout" || path == "stderr"; }

}  // namespace

LogWriter::LogWriter(Report report) : report_(report ? std::move(report) : Report(&report_to_event_log)) {}

LogWriter::~LogWriter() { stop(); }

LogRing& LogWriter::add_ring(std::uint64_t size) {
  GH_ASSERT(!thread_.joinable());
  rings_.push_back(std::make_unique<LogRing>(size, bell_));
  return *rings_.back();
}

int LogWriter::start(const std::string& path) {
  if (const int error = sink_.open(path); error != 0) return error;
  path_ = path;
  thread_ = start_without_signals([this] { run(); });
  return 0;
}

void LogWriter::reopen() {
  reopen_asked_.store(true);
  bell_.ring();
}

void LogWriter::reopen(std::string path) {
  {
    const std::lock_guard lock(mutex_);
    asked_path_ = std::move(path);
  }
  reopen();
}

void LogWriter::stop(milliseconds limit) {
  if (!thread_.joinable()) return;
  stop_until_.store(std::chrono::steady_clock::now() + limit);
  stopping_.store(true);
  bell_.ring();
  thread_.join();
}

std::uint64_t LogWriter::dropped() const {
  std::uint64_t all = cut_lines_.value();
  for (const auto& ring : rings_) all += ring->dropped();
  return all;
}

void LogWriter::run() {
  while (!stopping_.load()) {
    const Outcome outcome = drain();
    reopen_if_asked();
    if (!stopping_.load()) sleep(outcome);
  }
  finish();
}

/// Writes what is left until the time is over or an error says that it is no use.
void LogWriter::finish() {
  Outcome outcome = Outcome::wrote;
  while (outcome == Outcome::wrote || outcome == Outcome::blocked) {
    outcome = drain();
    const auto left = std::chrono::duration_cast<milliseconds>(stop_until_.load() - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    if (outcome == Outcome::blocked) sink_.wait(-1, static_cast<int>(left.count()));
  }
}

/// Collects what waits now, one piece a ring. A line begun must be ended first.
std::size_t LogWriter::gather() {
  pieces_.clear();
  sources_.clear();
  std::size_t size = 0;
  const auto take = [&](LogRing& ring) {
    const auto waiting = ring.waiting();
    if (waiting.empty() || pieces_.size() == pieces_max) return;
    pieces_.push_back(iovec{const_cast<char*>(waiting.data()), waiting.size()});
    sources_.push_back(&ring);
    size += waiting.size();
  };
  if (cut_ != nullptr) take(*cut_);
  for (const auto& ring : rings_) {
    if (ring.get() != cut_) take(*ring);
  }
  return size;
}

/// Writes what waits at this moment; what comes meanwhile is left for the next round.
LogWriter::Outcome LogWriter::drain() {
  std::size_t left = gather();
  if (left == 0) return Outcome::idle;
  while (true) {
    const long n = sink_.write(pieces_);
    write_calls_.add();
    if (n == -EAGAIN) return Outcome::blocked;
    if (n == -EINTR) continue;
    if (n <= 0) return note_failure(n == 0 ? EIO : static_cast<int>(-n));
    note_success(static_cast<std::size_t>(n));
    consume(static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) >= left) return Outcome::wrote;
    left -= static_cast<std::size_t>(n);
    gather();
  }
}

void LogWriter::consume(std::size_t n) {
  cut_ = nullptr;
  for (std::size_t i = 0; i < pieces_.size() && n > 0; ++i) {
    const std::size_t taken = std::min(n, pieces_[i].iov_len);
    const char* const last = static_cast<const char*>(pieces_[i].iov_base) + taken - 1;
    if (*last != '\n') cut_ = sources_[i];
    sources_[i]->consume(taken);
    n -= taken;
  }
}

LogWriter::Outcome LogWriter::note_failure(int os_error) {
  write_errors_.add();
  if (!troubled_) report_("the access log cannot be written; lines wait in memory and are dropped when it is full", os_error);
  troubled_ = true;
  return Outcome::failed;
}

void LogWriter::note_success(std::size_t n) {
  bytes_written_.add(n);
  if (troubled_) report_("the access log is written again", 0);
  troubled_ = false;
}

void LogWriter::reopen_if_asked() {
  if (!reopen_asked_.exchange(false)) return;
  std::string path;
  {
    const std::lock_guard lock(mutex_);
    path.swap(asked_path_);
  }
  if (path.empty()) path = path_;
  if (path == path_ && is_standard_stream(path)) return;  // nothing to open; a line begun goes on
  if (const int error = sink_.open(path); error != 0) {
    write_errors_.add();
    return report_("the access log cannot be reopened; the old file stays in use", error);
  }
  path_ = std::move(path);
  skip_cut_line();
}

/// A new file must not begin with the rest of a line that was begun in the old one.
void LogWriter::skip_cut_line() {
  if (cut_ == nullptr) return;
  const auto waiting = cut_->waiting();
  const auto end = std::find(waiting.begin(), waiting.end(), '\n');
  cut_->consume(static_cast<std::size_t>(end - waiting.begin()) + 1);
  cut_lines_.add();
  cut_ = nullptr;
}

void LogWriter::sleep(Outcome last) {
  if (last != Outcome::idle) idle_rounds_ = 0;
  switch (last) {
    case Outcome::wrote: return wait_for_bell(round_ms);
    case Outcome::failed: return wait_for_bell(retry_ms);
    case Outcome::blocked:
      sink_.wait(bell_.fd(), deep_sleep_ms);
      return bell_.clear();
    case Outcome::idle: break;
  }
  if (++idle_rounds_ < rounds_awake) return wait_for_bell(round_ms);
  bell_.sleeping.store(true);
  // A line may have come before the flag was seen. Without a fence on the worker's side one can still slip through:
  // that is why the sleep is not for ever.
  if (gather() == 0) wait_for_bell(deep_sleep_ms);
  bell_.sleeping.store(false);
}

void LogWriter::wait_for_bell(int timeout_ms) {
  pollfd bell{bell_.fd(), POLLIN, 0};
  if (::poll(&bell, 1, timeout_ms) > 0) bell_.clear();
}

}  // namespace gatehouse::observe
