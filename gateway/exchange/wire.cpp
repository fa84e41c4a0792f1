#include "gateway/exchange/wire.hpp"

namespace gatehouse::exchange {

Wire::Wire(runtime::Worker& worker, std::unique_ptr<net::Stream> stream, Side side)
    : worker_(worker), stream_(std::move(stream)), side_(side) {
  deadline_.attach(
      worker.deadlines(), [](void* self) noexcept { static_cast<Wire*>(self)->wake(); }, this);
}

Task<Try<std::size_t>> Wire::read(std::span<char> space, milliseconds limit) {
  for (;;) {
    const net::Io io = stream_->read(space);
    if (io.ok()) co_return io.size();
    if (io.end()) co_return std::size_t{0};
    if (!io.would_block()) co_return Failure{fault_of(io)};
    const Try<void> waited = co_await wait_readable(limit);
    if (!waited) co_return Failure{waited.error()};
  }
}

Task<Try<void>> Wire::write(std::span<iovec> pieces, milliseconds limit) {
  while (!pieces.empty()) {
    const net::Io io = stream_->write(pieces);
    if (io.ok()) {
      std::size_t written = io.size();
      while (!pieces.empty() && written >= pieces.front().iov_len) {
        written -= pieces.front().iov_len;
        pieces = pieces.subspan(1);
      }
      if (written != 0) {
        pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + written;
        pieces.front().iov_len -= written;
      }
      continue;
    }
    if (!io.would_block()) co_return Failure{fault_of(io)};
    const Try<void> waited = co_await wait_writable(limit);
    if (!waited) co_return Failure{waited.error()};
  }
  co_return Try<void>{};
}

Task<Try<void>> Wire::wait_readable(milliseconds limit) {
  begin_wait(limit);
  co_await stream_->readable();
  end_wait();
  if (std::exchange(reading_stopped_, false)) co_return Failure{Fault{Errc::none, side_}};
  if (expired()) co_return Failure{timed_out()};
  co_return Try<void>{};
}

Task<Try<void>> Wire::wait_writable(milliseconds limit) {
  begin_wait(limit);
  co_await stream_->writable();
  end_wait();
  if (std::exchange(writing_stopped_, false)) co_return Failure{Fault{Errc::none, side_}};
  if (expired()) co_return Failure{timed_out()};
  co_return Try<void>{};
}

void Wire::stop_reading() noexcept {
  if (!stream_->port().reader.waiting()) return;
  reading_stopped_ = true;
  stream_->port().reader.fire();
}

void Wire::stop_writing() noexcept {
  if (!stream_->port().writer.waiting()) return;
  writing_stopped_ = true;
  stream_->port().writer.fire();
}

/// A limit was reached. One waiter is woken, the one of the exchange's own coroutine; it fails, and in failing stops the
/// other, which may end this wire: so nothing is touched after the call.
void Wire::wake() noexcept {
  if (shuts_) return stream_->shut();
  runtime::Port& port = stream_->port();
  runtime::Waiter& first = side_ == Side::client ? port.writer : port.reader;
  runtime::Waiter& second = side_ == Side::client ? port.reader : port.writer;
  (first.waiting() ? first : second).fire();
}

void Wire::begin_wait(milliseconds limit) noexcept {
  ++waits_;
  if (!whole_) deadline_.arm(limit);
}

void Wire::end_wait() noexcept {
  --waits_;
  if (waits_ == 0 && !whole_) deadline_.disarm();
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
