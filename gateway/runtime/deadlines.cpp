#include "gateway/runtime/deadlines.hpp"

#include <algorithm>

namespace gatehouse::runtime {

void Deadline::attach(Deadlines& wheel, Action action, void* context) noexcept {
  detach();
  wheel_ = &wheel;
  action_ = action;
  context_ = context;
  due_ = 0;
  expired_ = false;
  wheel.link(*this, wheel.now_ + Deadlines::stride);
}

void Deadline::detach() noexcept {
  if (wheel_ == nullptr) return;
  Deadlines::unlink(*this);
  wheel_ = nullptr;
}

void Deadline::arm(std::chrono::milliseconds limit) noexcept {
  expired_ = false;
  if (limit.count() <= 0) {
    due_ = 0;
    return;
  }
  // One tick more than the limit holds, since the present tick is partly over.
  const auto ticks = (limit.count() + Deadlines::tick_length.count() - 1) / Deadlines::tick_length.count() + 1;
  due_ = wheel_->now_ + static_cast<std::uint32_t>(std::min<std::int64_t>(ticks, 1 << 30));
  if (due_ < visited_) {
    Deadlines::unlink(*this);
    wheel_->link(*this, due_);
  }
}

void Deadlines::link(Deadline& deadline, std::uint32_t at) noexcept {
  deadline.visited_ = at;
  Deadline*& head = wheel_[at % slots];
  deadline.next_ = head;
  deadline.previous_ = &head;
  if (head != nullptr) head->previous_ = &deadline.next_;
  head = &deadline;
}

void Deadlines::unlink(Deadline& deadline) noexcept {
  *deadline.previous_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->previous_ = deadline.previous_;
  deadline.previous_ = nullptr;
}

void Deadlines::tick() noexcept {
  ++now_;
  // An action may detach any deadline, so the slot's list is emptied from its head, each relinked to a later slot
  // before its action runs.
  while (Deadline* const deadline = wheel_[now_ % slots]) {
    unlink(*deadline);
    const bool due = deadline->due_ != 0 && deadline->due_ <= now_;
    const std::uint32_t next = deadline->due_ > now_ ? std::min(deadline->due_, now_ + stride) : now_ + stride;
    link(*deadline, next);
    if (!due) continue;
    deadline->due_ = 0;
    deadline->expired_ = true;
    deadline->action_(deadline->context_);
  }
}

}  // namespace gatehouse::runtime
