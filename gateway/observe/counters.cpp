#include "gateway/observe/counters.hpp"

#include <new>

namespace gatehouse::observe {

void RouteSeries::fault(unsigned side, unsigned reason) noexcept {
  if (side >= fault_sides || reason >= fault_reasons_max) return;
  // This thread is the only one that stores, so what it loads cannot be out of date.
  FaultTable* table = faults_.load(std::memory_order_relaxed);
  if (table == nullptr) {
    table = new (std::nothrow) FaultTable();
    if (table == nullptr) return;  // out of memory: a fault uncounted is the least of it
    faults_.store(table, std::memory_order_release);
  }
  table->counts[side][reason].add();
}

}  // namespace gatehouse::observe
