// SPDX-License-Identifier: Apache-2.0
// Memory of the n-gram hash table.
#include "codec/predict/slot_table.hpp"

#include <sys/mman.h>

namespace ssmz::codec {

SlotTable::SlotTable(std::uint64_t bytes) noexcept : count_(bytes / sizeof(SlotLine)) {
  const std::size_t size = count_ * sizeof(SlotLine);
  void* memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, size, MADV_HUGEPAGE);  // only faster; the result does not depend on it
#endif
  lines_ = static_cast<SlotLine*>(memory);
}

SlotTable::~SlotTable() {
  if (lines_) munmap(lines_, count_ * sizeof(SlotLine));
}

}  // namespace ssmz::codec
