#include "gateway/exchange/wire.hpp"

#include <algorithm>

namespace gatehouse::exchange {

Wire::Wire(runtime::Worker& worker, std::unique_ptr<net::Stream> stream, Side side)
    : worker_(worker), stream_(std::move(stream)), port_(stream_->port()), side_(side) {
  deadline_.attach(
      worker.deadlines(), [](void* self) noexcept { static_cast<Wire*>(self)->wake(); }, this);
}

Task<Try<std::size_t>> Wire::read(std::span<char> space, milliseconds limit) {
  using Now = Task<Try<std::size_t>>;
  const net::Io io = stream_->read(space);
  if (io.ok()) return Now::now(io.size());
  if (io.end()) return Now::now(std::size_t{0});
  if (!io.would_block()) return Now::now(Failure{fault_of(io)});
  return read_later(space, limit);
}

Task<Try<std::size_t>> Wire::read_later(std::span<char> space, milliseconds limit) {
  for (;;) {
    const Try<void> waited = co_await wait_readable(limit);
    if (!waited) co_return Failure{waited.error()};
    const net::Io io = stream_->read(space);
    if (io.ok()) co_return io.size();
    if (io.end()) co_return std::size_t{0};
    if (!io.would_block()) co_return Failure{fault_of(io)};
  }
}

Task<Try<void>> Wire::write(std::span<iovec> pieces, milliseconds limit) {
  const net::Io io = write_now(pieces);
  if (io.ok()) return Task<Try<void>>::now({});
  if (!io.would_block()) return Task<Try<void>>::now(Failure{fault_of(io)});
  return write_later(pieces, limit);
}

Task<Try<void>> Wire::write_later(std::span<iovec> pieces, milliseconds limit) {
  for (;;) {
    const Try<void> waited = co_await wait_writable(limit);
    if (!waited) co_return waited;
    const net::Io io = write_now(pieces);
    if (io.ok()) co_return Try<void>{};
    if (!io.would_block()) co_return Failure{fault_of(io)};
  }
}

net::Io Wire::write_now(std::span<iovec>& pieces) noexcept {
  std::size_t total = 0;
  while (!pieces.empty()) {
    const net::Io io = stream_->write(pieces);
    if (!io.ok()) return io;
    std::size_t written = io.size();
    total += written;
    while (!pieces.empty() && written >= pieces.front().iov_len) {
      written -= pieces.front().iov_len;
      pieces = pieces.subspan(1);
    }
    if (written != 0) {
      pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + written;
      pieces.front().iov_len -= written;
    }
  }
  return net::Io::moved(std::max<std::size_t>(total, 1));  // nothing to write is no end
}

void Wire::stop_reading() noexcept {
  if (!port_.reader.waiting()) return;
  reading_stopped_ = true;
  port_.reader.fire();
}

void Wire::stop_writing() noexcept {
  if (!port_.writer.waiting()) return;
  writing_stopped_ = true;
  port_.writer.fire();
}

/// A limit was reached. One waiter is woken, the one of the exchange's own coroutine; it fails, and in failing stops the
/// other, which may end this wire: so nothing is touched after the call.
void Wire::wake() noexcept {
  if (shuts_) return stream_->shut();
  runtime::Waiter& first = side_ == Side::client ? port_.writer : port_.reader;
  runtime::Waiter& second = side_ == Side::client ? port_.reader : port_.writer;
  (first.waiting() ? first : second).fire();
}

void Wire::begin_wait(milliseconds limit) noexcept {
  ++waits_;
  if (!whole_) deadline_.arm(limit);
}

Try<void> Wire::end_wait(bool& stopped) noexcept {
  --waits_;
  if (waits_ == 0 && !whole_) deadline_.disarm();
  if (std::exchange(stopped, false)) return Failure{Fault{Errc::none, side_}};
  if (expired()) return Failure{timed_out()};
  return {};
}

Fault Wire::timed_out() const noexcept {
  if (side_ == Side::client) return Fault{Errc::client_idle, side_, Retry::never, 408};
  return Fault{Errc::origin_timeout, side_, Retry::never, 504};
}

Fault Wire::fault_of(net::Io io) const noexcept {
  const Errc what = side_ == Side::client ? Errc::client_reset : Errc::origin_reset;
  const std::uint16_t status = side_ == Side::client ? 400 : 502;
  const auto retry = side_ == Side::origin ? Retry::if_idempotent : Retry::never;
  return Fault{what, side_, retry, status, io.os_error()};
}

}  // namespace gatehouse::exchange
