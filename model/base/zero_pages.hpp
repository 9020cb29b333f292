// SPDX-License-Identifier: Apache-2.0
// Memory of the system's own: zeros that take room where they are touched.
#pragma once

#include <sys/mman.h>

#include <cstddef>

namespace ssmz::model {

/// Whole pages of zeros, nullptr if there is no room. An allocator's are the same only until memory that was
/// used comes back to it: it then clears all of it at once (a decoder behind others of the same process had
/// 150 MB resident for 8,000 bytes of text, 65 else). `reserved`: the system refuses what it could not give
/// if all of it were touched. Cost: microseconds, and a fault for each page's first touch.
[[nodiscard]] inline void* map_zero_pages(std::size_t bytes, [[maybe_unused]] bool reserved) noexcept {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
  if (!reserved) flags |= MAP_NORESERVE;
#endif
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

/// Gives the `bytes` back that were asked for. Of nullptr nothing happens.
inline void unmap_pages(void* memory, std::size_t bytes) noexcept {
  if (memory != nullptr) munmap(memory, bytes);
}

}  // namespace ssmz::model
