// Memory of coroutine frames: free lists by size class, one set a thread, so that a frame costs no heap call after
// warm-up however many exchanges are under way (docs/decisions/0002-own-task.md). A frame must be freed on the thread
// that made it, which holds because a task never leaves its worker. Sanitizer builds use plain new and delete, so that
// a use after the end is seen.
#pragma once

#include <cstddef>

namespace gatehouse::runtime {

void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

}  // namespace gatehouse::runtime
