// SPDX-License-Identifier: Apache-2.0
// Memory of the n-gram hash table.
#include "codec/slot_table.hpp"

#include <sys/mman.h>

namespace ssmz::codec {

SlotTable::SlotTable(unsigned bytes_log2) noexcept {
  bytes_ = std::size_t{1} << bytes_log2;
  shift_ = 64 - (bytes_log2 - 6);
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, bytes_, MADV_HUGEPAGE);  // only faster; the result does not depend on it
#endif
  lines_ = static_cast<SlotLine*>(memory);
}

SlotTable::~SlotTable() {
  if (lines_) munmap(lines_, bytes_);
}

}  // namespace ssmz::codec
