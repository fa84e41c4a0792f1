// Reads one stored object back from a segment. Blocks on the disk, so it runs on a thread of the disk tier.
#pragma once

#include <functional>

#include "gateway/cache/disk/disk_index.hpp"
#include "gateway/cache/disk/volume.hpp"

namespace gatehouse::cache {

/// Whether an object is the one that is looked for. It has no body yet.
using Match = std::function<bool(const Object&)>;

struct Loaded {
  ObjectRef object;     // with its complete body; empty when it is not wanted or not there
  bool damaged{false};  // what stands there is not what was written
};

/// The object of that key at that place, if `match` holds. Head, meta and all of the content are checked before.
Loaded load_object(const Segment& segment, const DiskPlace& place, const Key& key, const Match& match);

}  // namespace gatehouse::cache
