// PortSet: the worker's epoll set of traffic sockets, itself nested in the worker's io_context. Edge-triggered; each
// port is added once. poll() handles what is ready; the owner decides when to call it. One thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <vector>

#include "gateway/runtime/port.hpp"

namespace gatehouse::runtime {

class PortSet {
 public:
  PortSet();
  ~PortSet();
  PortSet(const PortSet&) = delete;
  PortSet& operator=(const PortSet&) = delete;

  /// The set's own descriptor: readable while a port has events.
  int fd() const noexcept { return fd_; }
  /// Shuts every socket of the set, so that whoever waits on one wakes up.
  void shut_all() noexcept;
  /// Handles one batch of events without waiting. Returns how many there were.
  int poll() noexcept;

 private:
  friend class Port;
  Port::Registration* add(Port& port, int fd) noexcept;
  void remove(Port::Registration* registration) noexcept;
  void recycle_dead() noexcept;
  void fetch_ahead(int from, int count) noexcept;

  int fd_;
  bool in_batch_{false};
  Port::Registration* dead_{nullptr};  // closed in this batch
  Port::Registration* free_{nullptr};
  std::vector<Port::Registration*> all_;  // made so far, in use or not
  std::array<epoll_event, 256> events_;
};

}  // namespace gatehouse::runtime
