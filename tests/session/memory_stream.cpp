#include "tests/session/memory_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace gatehouse::session {

using net::Io;

const char* strike_name(Strike strike) noexcept {
  switch (strike) {
    case Strike::none: return "none";
    case Strike::reset: return "reset";
    case Strike::end: return "end";
    case Strike::piece: return "piece";
    case Strike::blocked: return "blocked";
    case Strike::stall: return "stall";
    case Strike::shut: return "shut";
  }
  return "?";
}

Strike Faults::next(exchange::Side of) noexcept {
  if (of != side) return Strike::none;
  ++seen;
  if (strike == Strike::none || seen < at || (seen > at && !every)) return Strike::none;
  struck = true;
  return strike;
}

bool Link::deliver() {
  if (near_ == nullptr || stalled_) return false;
  runtime::Port& port = near_->port_;
  const bool over = broken_ || dead_ || peer_ended;
  bool news = false;
  if (over && !(port.hup && port.in)) port.hup = port.in = news = true;
  if (unread() && !port.in) port.in = news = true;
  if (!port.out && (room != 0 || broken_ || dead_)) port.out = news = true;
  // The writer first, as Port::on_event does it: what it wakes may end the connection.
  if (port.out && port.writer.waiting()) news = true, port.writer.fire();
  if (near_ != nullptr && near_->port_.in && near_->port_.reader.waiting()) news = true, near_->port_.reader.fire();
  if (near_ != nullptr && (broken_ || dead_) && near_->port_.gone.told != nullptr) {
    const runtime::Port::Gone who = std::exchange(near_->port_.gone, {});
    news = true;
    who.told(who.context);
  }
  return news;
}

void Link::shut() noexcept {
  dead_ = gateway_ended = true;
  stalled_ = false;  // the kernel wakes whoever waits, however silent the peer is
}

MemoryStream::~MemoryStream() {
  link_.near_ = nullptr;
  link_.gateway_ended = true;
}

bool MemoryStream::struck(Io& io, std::size_t& most, bool& flag) noexcept {
  switch (link_.faults_.next(link_.side_)) {
    case Strike::none: break;
    case Strike::reset: link_.broken_ = true; break;
    case Strike::end:  // what was under way is lost; a write finds it out
      link_.peer_ended = true;
      link_.to_gateway.resize(link_.taken);
      link_.broken_ = &flag == &port_.out;
      break;
    case Strike::piece: most = 1; break;
    case Strike::blocked: io = Io::blocked(), flag = false; return true;
    case Strike::stall: link_.stalled_ = true; break;
    case Strike::shut: link_.faults_.shut_all(); break;
  }
  if (link_.stalled_) {
    io = Io::blocked();
    flag = false;
    return true;
  }
  if (link_.broken_) {
    io = Io::failed(ECONNRESET);
    return true;
  }
  return false;
}

Io MemoryStream::read(std::span<char> space) noexcept {
  if (!port_.in) return Io::blocked();
  std::size_t most = space.size();
  Io io;
  if (struck(io, most, port_.in)) return io;
  if (link_.dead_) return Io::ended();
  const std::size_t n = std::min({most, space.size(), link_.to_gateway.size() - link_.taken});
  if (n == 0 && link_.peer_ended) return Io::ended();
  if (n < space.size() && !port_.hup) port_.in = false;
  if (n == 0) return Io::blocked();
  link_.to_gateway.copy(space.data(), n, link_.taken);
  link_.taken += n;
  return Io::moved(n);
}

Io MemoryStream::write(std::span<const iovec> pieces) noexcept {
  if (!port_.out) return Io::blocked();
  std::size_t most = std::numeric_limits<std::size_t>::max();
  Io io;
  if (struck(io, most, port_.out)) return io;
  if (link_.dead_ || link_.gateway_ended) return Io::failed(EPIPE);
  most = std::min(most, link_.room);
  std::size_t written = 0;
  for (const iovec& piece : pieces) {
    const std::size_t n = std::min(most - written, piece.iov_len);
    link_.from_gateway.append(static_cast<const char*>(piece.iov_base), n);
    written += n;
  }
  link_.room -= written;
  if (written == 0) port_.out = false;
  return written == 0 ? Io::blocked() : Io::moved(written);
}

bool MemoryStream::usable() noexcept { return !link_.broken_ && !link_.dead_ && !link_.peer_ended && !link_.unread(); }

}  // namespace gatehouse::session
