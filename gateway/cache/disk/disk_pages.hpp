// DiskPages: the pages of one large object in the disk tier: who reads or writes them is on the tier's threads. Shared by all
// objects that have the content: a 304 gives it a new head and leaves it where it is.
//
// Any thread. What is asked of it must not be asked after the tier is gone; it may go later itself.
#pragma once

#include <atomic>
#include <mutex>

#include "gateway/cache/disk/page_record.hpp"
#include "gateway/cache/pages.hpp"

namespace gatehouse::cache {

class DiskTier;

class DiskPages final : public PageFile {
 public:
  /// To be written: at most that much content.
  DiskPages(DiskTier& tier, const Key& key, std::uint64_t bytes_max);
  /// Written before.
  DiskPages(DiskTier& tier, const Key& key, StoredPages pages);

  /// Whose content it is among the variants of the key: what lost() takes out.
  void belongs_to(std::uint32_t variant) noexcept { variant_.store(variant, std::memory_order_relaxed); }

  void write(PageRef page, std::size_t size, Told told) override;
  void read(PageRef page, std::size_t size, Told told) override;
  bool whole() const noexcept override;
  void lost() noexcept override;
  std::optional<PageList> list() const override;

 private:
  PageId id(std::uint32_t number) const noexcept { return {key_, list_.generation, number}; }
  bool write_now(const Page& page, std::size_t size);
  bool read_now(Page& page, std::size_t size) const;

  DiskTier& tier_;
  const Key key_;
  const std::uint64_t pages_max_;
  std::atomic<std::uint32_t> variant_{0};
  std::atomic<std::uint32_t> oldest_;      // segment of what was written
  std::atomic<bool> broken_{false};        // a page was not written, or is not there any more
  mutable std::mutex guard_;               // of the places
  PageList list_;
};

}  // namespace gatehouse::cache
