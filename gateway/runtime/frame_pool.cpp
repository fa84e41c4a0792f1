#include "gateway/runtime/frame_pool.hpp"

#include <array>
#include <new>
#include <utility>

namespace gatehouse::runtime {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t classes = 64;  // up to 4 KiB; larger frames are rare and go to the heap

struct FreeFrame {
  FreeFrame* next;
};

struct FreeLists {
  std::array<FreeFrame*, classes> heads{};
  ~FreeLists() {
    for (FreeFrame* frame : heads) {
      while (frame != nullptr) ::operator delete(std::exchange(frame, frame->next));
    }
  }
};

thread_local FreeLists free_lists;

constexpr std::size_t class_of(std::size_t size) { return (size - 1) / step; }

}  // namespace

void* allocate_frame(std::size_t size) {
#ifndef GATEHOUSE_SANITIZED
  const std::size_t at = class_of(size);
  if (at < classes) {
    FreeFrame*& head = free_lists.heads[at];
    if (head != nullptr) {
      FreeFrame* frame = head;
      head = frame->next;
      return frame;
    }
    return ::operator new((at + 1) * step);
  }
#endif
  return ::operator new(size);
}

void free_frame(void* memory, std::size_t size) noexcept {
#ifndef GATEHOUSE_SANITIZED
  const std::size_t at = class_of(size);
  if (at < classes) {
    auto* frame = static_cast<FreeFrame*>(memory);
    frame->next = free_lists.heads[at];
    free_lists.heads[at] = frame;
    return;
  }
#endif
  ::operator delete(memory);
}

}  // namespace gatehouse::runtime
