#include "gateway/cache/ghost.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::cache {
namespace {

constexpr std::uint32_t never_zero(std::uint32_t fingerprint) noexcept { return fingerprint != 0 ? fingerprint : 1; }

}  // namespace

void Ghost::resize(std::size_t entries) {
  std::vector<Bucket> fresh((entries + bucket_entries - 1) / bucket_entries);
  std::swap(buckets_, fresh);
  if (buckets_.empty()) return;
  for (const Bucket& old : fresh) {
    for (std::size_t i = bucket_entries; i-- > 0;) {  // oldest first, so that the order within a bucket is kept
      if (old.newest_first[i] != 0) add(old.newest_first[i]);
    }
  }
}

void Ghost::add(std::uint32_t fingerprint) noexcept {
  if (buckets_.empty()) return;
  auto& entries = bucket(fingerprint).newest_first;
  std::copy_backward(entries.begin(), entries.end() - 1, entries.end());
  entries.front() = never_zero(fingerprint);
}

bool Ghost::take(std::uint32_t fingerprint) noexcept {
  if (buckets_.empty()) return false;
  auto& entries = bucket(fingerprint).newest_first;
  const auto found = std::find(entries.begin(), entries.end(), never_zero(fingerprint));
  if (found == entries.end()) return false;
  std::copy(found + 1, entries.end(), found);
  entries.back() = 0;
  return true;
}

}  // namespace gatehouse::cache
