#include "gateway/proxy/splice.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gatehouse::proxy {

using exchange::Try;
using gatehouse::Failure;
using net::Io;

namespace {

constexpr std::size_t step_max = 256 * 1024;

Io outcome(ssize_t n) noexcept { return n >= 0 ? Io::moved(static_cast<std::size_t>(n)) : Io::failed(errno); }

}  // namespace

PipePool::~PipePool() {
  for (const Pipe pipe : idle_) close(pipe);
}

PipePool::Pipe PipePool::take() noexcept {
  if (!idle_.empty()) {
    const Pipe pipe = idle_.back();
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return {};
  ::fcntl(ends[1], F_SETPIPE_SZ, step_max);  // a smaller pipe only costs more turns
  return {ends[0], ends[1]};
}

void PipePool::give(Pipe pipe) noexcept {
  if (idle_.size() >= kept) return close(pipe);
  idle_.push_back(pipe);
}

void PipePool::close(Pipe pipe) noexcept {
  if (!pipe) return;
  ::close(pipe.read);
  ::close(pipe.write);
}

runtime::Task<Try<void>> splice(const Splice& what, PipePool::Pipe pipe, std::uint64_t& moved) {
  exchange::Wire& from = what.from;
  exchange::Wire& to = what.to;
  constexpr unsigned how = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
  runtime::Port& source = from.stream().port();
  runtime::Port& target = to.stream().port();
  std::uint64_t left = what.n;
  std::size_t held = 0;  // in the pipe
  std::uint64_t since_turn = 0;
  while (left != 0 || held != 0) {
    if (held == 0) {
      const Io in = outcome(::splice(source.fd(), nullptr, pipe.write, nullptr, std::min<std::uint64_t>(left, step_max), how));
      if (in.would_block()) {
        source.in = source.hup;
        const Try<void> waited = co_await from.wait_readable(what.limit);
        if (!waited) co_return waited;
        continue;
      }
      if (in.end()) co_return Failure{exchange::fault_of(exchange::Errc::origin_body_short)};
      if (!in.ok()) co_return Failure{from.fault_of(in)};
      held = in.size();
      left -= held;
    }
    const unsigned more = left != 0 ? SPLICE_F_MORE : 0;
    const Io out = outcome(::splice(pipe.read, nullptr, target.fd(), nullptr, held, how | more));
    if (out.would_block()) {
      target.out = false;
      const Try<void> waited = co_await to.wait_writable(what.limit);
      if (!waited) co_return waited;
      continue;
    }
    if (!out.ok()) co_return Failure{to.fault_of(out)};
    held -= out.size();
    moved += out.size();
    since_turn += out.size();
    if (since_turn >= turn) {
      since_turn = 0;
      co_await from.worker().yield();
    }
  }
  co_return Try<void>{};
}

}  // namespace gatehouse::proxy
