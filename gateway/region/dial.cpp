#include "gateway/region/dial.hpp"

namespace gatehouse::region {

std::string_view reason_name(Reason reason) noexcept {
  switch (reason) {
    case Reason::nearest:
      return "NEAREST";
    case Reason::dial_spill:
      return "DIAL_SPILL";
    case Reason::failover:
      return "FAILOVER";
    case Reason::fail_open:
      return "FAIL_OPEN";
  }
  return {};
}

Choice choose_region(std::span<const Candidate> by_proximity, std::uint64_t random) noexcept {
  const auto at = [by_proximity](std::size_t i) noexcept { return by_proximity[i]; };
  return choose_region(by_proximity.size(), at, random);
}

}  // namespace gatehouse::region
