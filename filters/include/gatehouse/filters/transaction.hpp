// Transaction: the state of one request on its way through a chain: where the chain stands, what a filter answered or
// asked, and who decided. Owned by the host program, one for each chain and request, reusable after reset(). Allocates
// nothing unless a filter answers or asks. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/filters/reply.hpp"

namespace gatehouse::filters {

/// What a filter must know before it can decide: how often `key` was seen within the window, this time included.
struct Question {
  std::string key;
  std::uint64_t limit{0};
  std::uint32_t window_s{0};
};

/// What the host found out.
struct Answer {
  std::uint64_t used{0};
  std::uint32_t retry_after_s{0};
  bool known{true};  // false: the counter could not be reached, so the filter's own policy decides
};

class Transaction {
 public:
  /// For filters: answers the request. The filter then returns Verdict::respond.
  void respond(Reply reply) { reply_ = std::move(reply); }
  /// For filters: asks the host. The filter then returns Verdict::ask, and on_answer follows.
  void ask(Question question) { question_ = std::move(question); }

  /// The answer to send. Null until a filter responded.
  const Reply* reply() const noexcept { return reply_ ? &*reply_ : nullptr; }
  /// The open question. Null unless the chain waits.
  const Question* question() const noexcept { return question_ ? &*question_ : nullptr; }
  /// The filter that decided, and why, for the decision trail. Empty while the request passes.
  std::string_view decided_by() const noexcept { return decided_by_; }
  std::string_view reason() const noexcept { return reply_ ? reply_->reason : std::string_view(); }

  /// Makes the transaction as new, for the next request.
  void reset() noexcept { *this = Transaction(); }

 private:
  friend class Chain;

  std::optional<Reply> reply_;
  std::optional<Question> question_;
  std::string_view decided_by_;
  std::uint32_t position_{0};  // index of the filter that runs, or ran last
};

}  // namespace gatehouse::filters
