// Ghost: remembers the fingerprints of what was evicted lately, so that what comes back soon is let in for good (S3-FIFO).
// A table of small buckets, each a queue of its own: the oldest fingerprint of a full bucket is forgotten. Four bytes an
// entry. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatehouse::cache {

class Ghost {
 public:
  /// Room for about that many fingerprints; what does not fit any more is forgotten.
  void resize(std::size_t entries);
  void add(std::uint32_t fingerprint) noexcept;
  /// Whether it is remembered; forgets it.
  bool take(std::uint32_t fingerprint) noexcept;

  std::size_t room() const noexcept { return buckets_.size() * bucket_entries; }
  std::size_t bytes() const noexcept { return buckets_.capacity() * sizeof(Bucket); }

 private:
  static constexpr std::size_t bucket_entries = 16;  // one cache line
  struct alignas(64) Bucket {
    std::array<std::uint32_t, bucket_entries> newest_first{};  // 0: free
  };
  Bucket& bucket(std::uint32_t fingerprint) noexcept {
    return buckets_[(std::uint64_t{fingerprint} * buckets_.size()) >> 32];
  }

  std::vector<Bucket> buckets_;
};

}  // namespace gatehouse::cache
