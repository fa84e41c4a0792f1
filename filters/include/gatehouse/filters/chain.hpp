// Chain: filters in the order configured. The first one that does not pass decides. Immutable once built and shared by
// all threads; where a request stands is in its Transaction, so a chain that waits for an answer can go on later.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "gatehouse/filters/filter.hpp"

namespace gatehouse::filters {

class Chain {
 public:
  Chain() = default;
  explicit Chain(std::vector<std::unique_ptr<const Filter>> filters) noexcept : filters_(std::move(filters)) {}

  bool empty() const noexcept { return filters_.empty(); }
  std::size_t size() const noexcept { return filters_.size(); }

  /// Runs the chain from its start. An empty chain costs one comparison.
  Verdict on_request_head(const RequestView& request, Transaction& transaction) const {
    return filters_.empty() ? Verdict::pass : run_from(0, request, transaction);
  }
  /// Hands the answer to the filter that asked and, when it passes, runs the rest. Only after Verdict::ask.
  Verdict on_answer(const Answer& answer, const RequestView& request, Transaction& transaction) const;

 private:
  Verdict run_from(std::size_t index, const RequestView& request, Transaction& transaction) const;
  Verdict settle(Verdict verdict, std::size_t index, Transaction& transaction) const noexcept;

  std::vector<std::unique_ptr<const Filter>> filters_;
};

}  // namespace gatehouse::filters
