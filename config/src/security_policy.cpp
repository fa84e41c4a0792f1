#include "gatehouse/config/security_policy.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

constexpr bool pq = true;   // post-quantum
constexpr bool old = true;  // TLS 1.0 or 1.1
constexpr bool fips = true;

constexpr std::array<SecurityPolicy, 41> table{{
    {"ELBSecurityPolicy-TLS13-1-2-Res-2021-06"},
    {"ELBSecurityPolicy-TLS13-1-3-2021-06"},
    {"ELBSecurityPolicy-TLS13-1-2-2021-06"},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06"},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
    {"ELBSecurityPolicy-TLS13-1-1-2021-06", !pq, old},
    {"ELBSecurityPolicy-TLS13-1-0-2021-06", !pq, old},
    {"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", pq},
    {"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", pq},
    {"ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", pq},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09", pq},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", pq},
    {"ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", pq, old},
    {"ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", !pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", !pq, old, fips},
    {"ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", !pq, old, fips},
    {"ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09", pq, !old, fips},
    {"ELBSecurityPolicy-TLS13-1-1-FIPS-PQ-2025-09", pq, old, fips},
    {"ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09", pq, old, fips},
    {"ELBSecurityPolicy-RFC9151-FIPS-2023-07", !pq, !old, fips},
    {"ELBSecurityPolicy-FS-1-2-Res-2020-10"},
    {"ELBSecurityPolicy-FS-1-2-Res-2019-08"},
    {"ELBSecurityPolicy-FS-1-2-2019-08"},
    {"ELBSecurityPolicy-FS-1-1-2019-08", !pq, old},
    {"ELBSecurityPolicy-FS-2018-06", !pq, old},
    {"ELBSecurityPolicy-TLS-1-2-Ext-2018-06"},
    {"ELBSecurityPolicy-TLS-1-2-2017-01"},
    {"ELBSecurityPolicy-TLS-1-1-2017-01", !pq, old},
    {"ELBSecurityPolicy-TLS-1-0-2015-04", !pq, old},
    {"ELBSecurityPolicy-2016-08", !pq, old},
    {"ELBSecurityPolicy-2015-05", !pq, old},
}};

}  // namespace

std::span<const SecurityPolicy> security_policies() noexcept { return table; }

const SecurityPolicy* find_security_policy(std::string_view name) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& policy) { return policy.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace gatehouse::config
