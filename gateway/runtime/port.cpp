#include "gateway/runtime/port.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/runtime/port_set.hpp"

namespace gatehouse::runtime {

bool Port::open(PortSet& set, int fd) noexcept {
  GH_ASSERT(fd_ < 0);
  registration_ = set.add(*this, fd);
  if (registration_ == nullptr) {
    ::close(fd);
    return false;
  }
  fd_ = fd;
  set_ = &set;
  in = out = true;
  hup = false;
  return true;
}

void Port::close() noexcept {
  if (fd_ < 0) return;
  GH_DEBUG_ASSERT(!reader.waiting() && !writer.waiting());
  set_->remove(registration_);
  ::close(fd_);  // takes the descriptor out of the epoll set too
  fd_ = -1;
  registration_ = nullptr;
}

void Port::shut() noexcept {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

void Port::on_event(std::uint32_t events) noexcept {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hup = in = true;
  if (events & EPOLLIN) in = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) out = true;
  // The writer first, through a copy of what is needed: firing the reader may end the connection and this port with it.
  Port::Registration* const registration = registration_;
  if (out && writer.waiting()) writer.fire();
  if (registration->port == this && in && reader.waiting()) reader.fire();
  const bool ended = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (ended && registration->port == this && gone.told != nullptr) {
    const Gone who = std::exchange(gone, {});
    who.told(who.context);
  }
}

}  // namespace gatehouse::runtime
