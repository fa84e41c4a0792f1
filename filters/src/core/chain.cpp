#include "gatehouse/filters/chain.hpp"

#include "gatehouse/filters/result.hpp"

namespace gatehouse::filters {

Verdict Chain::run_from(std::size_t index, const RequestView& request, Transaction& transaction) const {
  for (; index < filters_.size(); ++index) {
    transaction.position_ = static_cast<std::uint32_t>(index);
    const Verdict verdict = filters_[index]->on_request_head(request, transaction);
    if (verdict != Verdict::pass) return settle(verdict, index, transaction);
  }
  return Verdict::pass;
}

Verdict Chain::on_answer(const Answer& answer, const RequestView& request, Transaction& transaction) const {
  GH_ASSERT(transaction.question_.has_value());
  transaction.question_.reset();
  const std::size_t index = transaction.position_;
  const Verdict verdict = filters_[index]->on_answer(answer, request, transaction);
  if (verdict != Verdict::pass) return settle(verdict, index, transaction);
  return run_from(index + 1, request, transaction);
}

Verdict Chain::settle(Verdict verdict, std::size_t index, Transaction& transaction) const noexcept {
  // A filter that says respond or ask without saying what would leave the host with nothing to send or fetch.
  GH_ASSERT(verdict == Verdict::respond ? transaction.reply_.has_value() : transaction.question_.has_value());
  if (verdict == Verdict::respond) transaction.decided_by_ = filters_[index]->name();
  return verdict;
}

}  // namespace gatehouse::filters
