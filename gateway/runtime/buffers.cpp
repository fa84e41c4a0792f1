#include "gateway/runtime/buffers.hpp"

#include <new>

namespace gatehouse::runtime {

BufferPool::BufferPool() {
  small_.reserve(small_kept);
  large_.reserve(large_kept);
}

BufferPool::~BufferPool() {
  for (char* data : small_) ::operator delete(data);
  for (char* data : large_) ::operator delete(data);
}

Buffer BufferPool::take(std::vector<char*>& free, std::size_t size) {
  char* data = nullptr;
  if (free.empty()) {
    data = static_cast<char*>(::operator new(size));
  } else {
    data = free.back();  // the last one given back is the one most likely in the processor's cache
    free.pop_back();
  }
  ++lent_;
  return Buffer(this, data, size);
}

void BufferPool::give(char* data, std::size_t size) noexcept {
  --lent_;
  std::vector<char*>& free = size == small ? small_ : large_;
  const std::size_t kept = size == small ? small_kept : large_kept;
  if (free.size() < kept) {
    free.push_back(data);  // within the reserved capacity: cannot throw
  } else {
    ::operator delete(data);
  }
}

}  // namespace gatehouse::runtime
