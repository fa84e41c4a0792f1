#include "gateway/cache/disk/disk_pages.hpp"

#include <algorithm>
#include <utility>

#include "gateway/cache/disk/disk_tier.hpp"

namespace gatehouse::cache {

DiskPages::DiskPages(DiskTier& tier, const Key& key, std::uint64_t bytes_max)
    : tier_(tier), key_(key), pages_max_(pages_of(bytes_max)), oldest_(~std::uint32_t{0}), list_{random_secret().a, {}} {}

DiskPages::DiskPages(DiskTier& tier, const Key& key, StoredPages pages)
    : tier_(tier), key_(key), pages_max_(0), oldest_(pages.oldest), list_(std::move(pages.list)) {}

void DiskPages::write(PageRef page, std::size_t size, Told told) {
  tier_.write_soon(size, [this, size, page = std::move(page), told = std::move(told)]() mutable {
    const bool there = write_now(*page, size);
    page.reset();
    told(there);  // its owner may go with this
  });
}

/// Pages come in order; after one that failed no other is of any use.
bool DiskPages::write_now(const Page& page, std::size_t size) {
  if (broken_ || page.number >= pages_max_) {
    broken_ = true;
    return false;
  }
  const auto place = tier_.log_.append(id(page.number), {page.data(), size});
  if (!place) {
    broken_ = true;
    return false;
  }
  oldest_ = std::min(oldest_.load(), place->segment);
  const std::scoped_lock held(guard_);
  list_.places.push_back(*place);
  return true;
}

void DiskPages::read(PageRef page, std::size_t size, Told told) {
  tier_.read_soon([this, size, page = std::move(page), told = std::move(told)]() mutable {
    const bool there = read_now(*page, size);
    page.reset();
    told(there);
  });
}

bool DiskPages::read_now(Page& page, std::size_t size) const {
  PagePlace place;
  {
    const std::scoped_lock held(guard_);
    if (page.number >= list_.places.size()) return false;
    place = list_.places[page.number];
  }
  const SegmentRef segment = tier_.log_.segment(place.segment);
  return segment && load_page(*segment, place.offset, id(page.number), page, size);
}

bool DiskPages::whole() const noexcept { return !broken_ && oldest_ >= tier_.index_.oldest(); }

void DiskPages::lost() noexcept {
  if (broken_.exchange(true)) return;
  tier_.index_.erase(key_, variant_.load(std::memory_order_relaxed));
  tier_.damaged_.fetch_add(1, std::memory_order_relaxed);
}

std::optional<PageList> DiskPages::list() const {
  if (!whole()) return std::nullopt;
  const std::scoped_lock held(guard_);
  return list_;
}

}  // namespace gatehouse::cache
