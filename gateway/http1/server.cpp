#include "gateway/http1/server.hpp"

#include "gateway/http1/server_session.hpp"

namespace gatehouse::http1 {

Task<> Server::serve(std::unique_ptr<net::Stream> stream, const exchange::Connection& connection) {
  ServerSession session(*this, std::move(stream), connection);
  co_await session.run();
}

// Waking a session may end it, so the list is read anew each time; a woken session is not idle any more.
void Server::close_idle() noexcept {
  while (close_oldest_idle()) {
  }
}

bool Server::close_oldest_idle() noexcept {
  ServerSession* const session = idle_.first;
  if (session == nullptr) return false;
  set_idle(*session, false);
  session->close_idle();
  return true;
}

void Server::close_unwanted() noexcept {
  for (ServerSession* session = idle_.first; session != nullptr;) {
    if (!handler_.closing(session->connection_)) {
      session = session->next_;
      continue;
    }
    set_idle(*session, false);
    session->close_idle();
    session = idle_.first;  // the list has changed
  }
}

void Server::enter(ServerSession& session) noexcept {
  link(busy_, session);
  ++sessions_;
}

void Server::leave(ServerSession& session) noexcept {
  set_idle(session, false);
  unlink(busy_, session);
  --sessions_;
}

void Server::set_idle(ServerSession& session, bool idle) noexcept {
  if (session.idle_ == idle) return;
  unlink(session.idle_ ? idle_ : busy_, session);
  session.idle_ = idle;
  link(idle ? idle_ : busy_, session);
  idle_count_.store(idle_count_.load(std::memory_order_relaxed) + (idle ? 1u : ~0u), std::memory_order_relaxed);
}

void Server::link(Chain& chain, ServerSession& session) noexcept {
  session.previous_ = chain.last;
  session.next_ = nullptr;
  (chain.last != nullptr ? chain.last->next_ : chain.first) = &session;
  chain.last = &session;
}

void Server::unlink(Chain& chain, ServerSession& session) noexcept {
  (session.previous_ != nullptr ? session.previous_->next_ : chain.first) = session.next_;
  (session.next_ != nullptr ? session.next_->previous_ : chain.last) = session.previous_;
}

}  // namespace gatehouse::http1
