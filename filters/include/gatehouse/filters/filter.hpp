// Filter: one decision about a request. Filters are immutable, shared by all threads and never do I/O; what they need
// to know from outside they ask for, and what they must remember about a request sits in the Transaction.
#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/filters/request_view.hpp"
#include "gatehouse/filters/transaction.hpp"

namespace gatehouse::filters {

enum class Verdict : std::uint8_t {
  pass,     // no objection
  respond,  // the transaction holds the reply
  ask,      // the transaction holds a question
};

class Filter {
 public:
  virtual ~Filter() = default;

  /// The name it has in configuration and logs; static text.
  virtual std::string_view name() const noexcept = 0;
  /// Judges a request by its head.
  virtual Verdict on_request_head(const RequestView& request, Transaction& transaction) const = 0;
  /// Goes on after ask. Only filters that ask need it.
  virtual Verdict on_answer(const Answer&, const RequestView&, Transaction&) const { return Verdict::pass; }
};

}  // namespace gatehouse::filters
