#include "gateway/runtime/buffers.hpp"

namespace gatehouse::runtime {

BufferPool::BufferPool() {
  for (detail::Shelf* shelf : {&small_, &large_, &brief_}) shelf->free.reserve(shelf->kept);
}

BufferPool::~BufferPool() {
  for (detail::Shelf* shelf : {&small_, &large_, &brief_}) {
    for (char* data : shelf->free) ::operator delete(data);
  }
}

void Buffer::give_back() noexcept {
  char* const data = std::exchange(data_, nullptr);
  --shelf_->lent;
  if (shelf_->free.size() < shelf_->kept) {
    shelf_->free.push_back(data);  // within the reserved capacity: cannot throw
  } else {
    ::operator delete(data);
  }
}

}  // namespace gatehouse::runtime
