#include "gateway/tls/policies.hpp"

#include <algorithm>

namespace gatehouse::tls {
namespace {

// What a row allows, in the notation of AWS's tables.
enum Allowed : unsigned {
  tls13 = 1,            // the three TLS 1.3 suites
  gcm = 2,              // ECDHE with AES-GCM
  cbc_sha2 = 4,         // ECDHE with AES-CBC and SHA-2
  cbc_sha1 = 8,         // ECDHE with AES-CBC and SHA-1
  rsa_gcm = 16,         // the same three with RSA key exchange, which has no forward secrecy
  rsa_cbc_sha2 = 32,
  rsa_cbc_sha1 = 64,
  triple_des = 128,
};
constexpr unsigned ecdhe = gcm | cbc_sha2 | cbc_sha1;
constexpr unsigned all = ecdhe | rsa_gcm | rsa_cbc_sha2 | rsa_cbc_sha1;

enum Differs : unsigned { exact = 0, post_quantum = 1, old_protocols = 2, fips = 4 };

struct Row {
  const char* name;
  unsigned allowed;
  unsigned differs;
  bool only_tls13 = false;
};

constexpr Row rows[] = {
    {"TLS13-1-3-2021-06", tls13, exact, true},
    {"TLS13-1-2-Res-2021-06", tls13 | gcm, exact},
    {"TLS13-1-2-2021-06", tls13 | gcm | cbc_sha2, exact},
    {"TLS13-1-2-Ext1-2021-06", tls13 | gcm | cbc_sha2 | rsa_gcm | rsa_cbc_sha2, exact},
    {"TLS13-1-2-Ext2-2021-06", tls13 | all, exact},
    {"TLS13-1-1-2021-06", tls13 | all, old_protocols},
    {"TLS13-1-0-2021-06", tls13 | all, old_protocols},
    {"TLS13-1-3-PQ-2025-09", tls13, post_quantum, true},
    {"TLS13-1-2-Res-PQ-2025-09", tls13 | gcm, post_quantum},
    {"TLS13-1-2-PQ-2025-09", tls13 | gcm | cbc_sha2, post_quantum},
    {"TLS13-1-2-Ext1-PQ-2025-09", tls13 | gcm | cbc_sha2 | rsa_gcm | rsa_cbc_sha2, post_quantum},
    {"TLS13-1-2-Ext2-PQ-2025-09", tls13 | all, post_quantum},
    {"TLS13-1-0-PQ-2025-09", tls13 | all, post_quantum | old_protocols},
    {"TLS13-1-3-FIPS-2023-04", tls13, fips, true},
    {"TLS13-1-2-Res-FIPS-2023-04", tls13 | gcm, fips},
    {"TLS13-1-2-FIPS-2023-04", tls13 | gcm | cbc_sha2, fips},
    {"TLS13-1-2-Ext0-FIPS-2023-04", tls13 | ecdhe, fips},
    {"TLS13-1-2-Ext1-FIPS-2023-04", tls13 | gcm | cbc_sha2 | rsa_gcm | rsa_cbc_sha2, fips},
    {"TLS13-1-2-Ext2-FIPS-2023-04", tls13 | all, fips},
    {"TLS13-1-1-FIPS-2023-04", tls13 | all, fips | old_protocols},
    {"TLS13-1-0-FIPS-2023-04", tls13 | all, fips | old_protocols},
    {"TLS13-1-3-FIPS-PQ-2025-09", tls13, fips | post_quantum, true},
    {"TLS13-1-2-Res-FIPS-PQ-2025-09", tls13 | gcm, fips | post_quantum},
    {"TLS13-1-2-FIPS-PQ-2025-09", tls13 | gcm | cbc_sha2, fips | post_quantum},
    {"TLS13-1-2-Ext0-FIPS-PQ-2025-09", tls13 | ecdhe, fips | post_quantum},
    {"TLS13-1-2-Ext1-FIPS-PQ-2025-09", tls13 | gcm | cbc_sha2 | rsa_gcm | rsa_cbc_sha2, fips | post_quantum},
    {"TLS13-1-2-Ext2-FIPS-PQ-2025-09", tls13 | all, fips | post_quantum},
    {"TLS13-1-1-FIPS-PQ-2025-09", tls13 | all, fips | post_quantum | old_protocols},
    {"TLS13-1-0-FIPS-PQ-2025-09", tls13 | all, fips | post_quantum | old_protocols},
    {"FS-1-2-Res-2020-10", gcm, exact},
    {"FS-1-2-Res-2019-08", gcm | cbc_sha2, exact},
    {"FS-1-2-2019-08", ecdhe, exact},
    {"FS-1-1-2019-08", ecdhe, old_protocols},
    {"FS-2018-06", ecdhe, old_protocols},
    {"TLS-1-2-Ext-2018-06", all, exact},
    {"TLS-1-2-2017-01", gcm | cbc_sha2 | rsa_gcm | rsa_cbc_sha2, exact},
    {"TLS-1-1-2017-01", all, old_protocols},
    {"TLS-1-0-2015-04", all | triple_des, old_protocols},
    {"2016-08", all, old_protocols},
    {"2015-05", all, old_protocols},
};

void append(std::string& list, std::string_view name) {
  if (!list.empty()) list += ':';
  list += name;
}

// AWS's order: forward secrecy first, AES-128 before AES-256, GCM before SHA-2 before SHA-1, ECDSA before RSA.
std::string cipher_list(unsigned allowed) {
  struct Step {
    unsigned flag;
    const char* suffix;
  };
  static constexpr Step forward[] = {{gcm, "AES128-GCM-SHA256"}, {cbc_sha2, "AES128-SHA256"}, {cbc_sha1, "AES128-SHA"},
                                     {gcm, "AES256-GCM-SHA384"}, {cbc_sha2, "AES256-SHA384"}, {cbc_sha1, "AES256-SHA"}};
  static constexpr Step plain[] = {{rsa_gcm, "AES128-GCM-SHA256"}, {rsa_cbc_sha2, "AES128-SHA256"},
                                   {rsa_cbc_sha1, "AES128-SHA"},   {rsa_gcm, "AES256-GCM-SHA384"},
                                   {rsa_cbc_sha2, "AES256-SHA256"}, {rsa_cbc_sha1, "AES256-SHA"}};
  std::string list;
  for (const Step& step : forward) {
    if ((allowed & step.flag) == 0) continue;
    append(list, std::string("ECDHE-ECDSA-") + step.suffix);
    append(list, std::string("ECDHE-RSA-") + step.suffix);
  }
  for (const Step& step : plain) {
    if ((allowed & step.flag) != 0) append(list, step.suffix);
  }
  return list;
}

std::vector<std::string> notes_of(const Row& row) {
  std::vector<std::string> notes;
  if (row.differs & post_quantum) {
    notes.emplace_back("the post-quantum key exchange groups are not available; the classical ones are used");
  }
  if (row.differs & old_protocols)
    notes.emplace_back("TLS 1.0 and 1.1 are not spoken (RFC 8996); it starts at TLS 1.2");
  if (row.differs & fips) {
    notes.emplace_back("an approximation: no validated module, and its name's ciphers without ChaCha20-Poly1305");
  }
  if (row.allowed & triple_des) notes.emplace_back("DES-CBC3-SHA is not offered");
  return notes;
}

Policy make_policy(const Row& row) {
  Policy policy;
  policy.name = std::string("ELBSecurityPolicy-") + row.name;
  policy.lowest = row.only_tls13 ? Version::tls_1_3 : Version::tls_1_2;
  policy.highest = (row.allowed & tls13) ? Version::tls_1_3 : Version::tls_1_2;
  policy.ciphers = cipher_list(row.allowed);
  if (row.allowed & tls13) {
    policy.suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
    if (!(row.differs & fips)) append(policy.suites, "TLS_CHACHA20_POLY1305_SHA256");
  }
  policy.groups = "X25519:P-256:P-384:P-521";
  policy.notes = notes_of(row);
  return policy;
}

// RFC 9151 itself gives this one: AES-256-GCM with P-384 and nothing else.
Policy rfc9151() {
  Policy policy;
  policy.name = "ELBSecurityPolicy-RFC9151-FIPS-2023-07";
  policy.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
  policy.suites = "TLS_AES_256_GCM_SHA384";
  policy.groups = "P-384";
  policy.notes.emplace_back("an approximation: no validated module, and the ciphers and group that RFC 9151 names");
  return policy;
}

const std::vector<Policy>& table() {
  static const std::vector<Policy> made = [] {
    std::vector<Policy> list;
    for (const Row& row : rows) list.push_back(make_policy(row));
    list.push_back(rfc9151());
    return list;
  }();
  return made;
}

}  // namespace

std::span<const Policy> policies() noexcept { return table(); }

const Policy* find_policy(std::string_view name) noexcept {
  const auto& list = table();
  const auto found = std::find_if(list.begin(), list.end(), [&](const Policy& policy) { return policy.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace gatehouse::tls
