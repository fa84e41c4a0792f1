#include "gateway/runtime/buffers.hpp"

#include <new>

namespace gatehouse::runtime {

BufferPool::BufferPool() {
  for (detail::Shelf* shelf : {&small_, &large_, &brief_}) shelf->free.reserve(shelf->kept);
}

BufferPool::~BufferPool() {
  for (detail::Shelf* shelf : {&small_, &large_, &brief_}) {
    for (char* data : shelf->free) ::operator delete(data);
  }
}

Buffer BufferPool::take(detail::Shelf& shelf) {
  char* data = nullptr;
  if (shelf.free.empty()) {
    data = static_cast<char*>(::operator new(shelf.size));
  } else {
    data = shelf.free.back();  // the last one given back is the one most likely in the processor's cache
    shelf.free.pop_back();
  }
  ++shelf.lent;
  return Buffer(shelf, data);
}

void BufferPool::give(detail::Shelf& shelf, char* data) noexcept {
  --shelf.lent;
  if (shelf.free.size() < shelf.kept) {
    shelf.free.push_back(data);  // within the reserved capacity: cannot throw
  } else {
    ::operator delete(data);
  }
}

}  // namespace gatehouse::runtime
