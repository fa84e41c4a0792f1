// Reads one stored object, or one page of a large one, back from a segment. Blocks on the disk, so it runs on a thread of the
// disk tier.
#pragma once

#include <functional>

#include "gateway/cache/disk/disk_index.hpp"
#include "gateway/cache/disk/page_record.hpp"
#include "gateway/cache/disk/volume.hpp"

namespace gatehouse::cache {

/// Whether an object is the one that is looked for. It has no body yet.
using Match = std::function<bool(const Object&)>;
/// Makes the body of content that lies in pages; null when some of them are gone.
using PagedBody = std::function<BodyRef(const Object& seen, StoredPages pages)>;

/// What is looked for at a place.
struct Wanted {
  Key key;
  const Match& match;
  const PagedBody& paged;
};

struct Loaded {
  ObjectRef object;     // with its complete body; empty when it is not wanted or not there
  bool damaged{false};  // what stands there is not what was written
  bool gone{false};     // some of its pages went with their segment
};

/// The object of that key at that place, if `match` holds. Head and meta are checked before, and all of the content that
/// follows them; content in pages is checked when it is read.
Loaded load_object(const Segment& segment, const DiskPlace& place, const Wanted& wanted);

/// Reads a page that has `size` bytes of content. False when it is not there as it was written.
bool load_page(const Segment& segment, std::uint32_t offset, const PageId& id, Page& page, std::size_t size);

}  // namespace gatehouse::cache
