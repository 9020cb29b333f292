// SPDX-License-Identifier: Apache-2.0
// Memory of the n-gram hash table.
#include "codec/predict/slot_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace ssmz::codec {

namespace {

SlotLine* reserve(std::uint64_t count) noexcept {
  const std::size_t size = count * sizeof(SlotLine);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
#ifdef MADV_HUGEPAGE
  (void)madvise(memory, size, MADV_HUGEPAGE);  // only faster; the result does not depend on it
#endif
  return static_cast<SlotLine*>(memory);
}

}  // namespace

SlotTable::SlotTable(std::uint64_t bytes) noexcept
    : lines_(reserve(bytes / sizeof(SlotLine))), origin_(lines_), count_(bytes / sizeof(SlotLine)) {}

SlotTable::SlotTable(const SlotTable& other) noexcept : count_(other.count_) {
  if (other.image_) lines_ = static_cast<SlotLine*>(other.image_->map(true));
  const bool mapped = lines_ != nullptr;
  if (!mapped && other.lines_) lines_ = reserve(count_);
  if (!mapped && lines_) std::copy_n(other.lines_, count_, lines_);
  origin_ = lines_;
}

void SlotTable::freeze() noexcept {
  if (image_ || !lines_) return;
  const std::size_t size = count_ * sizeof(SlotLine);
  std::shared_ptr<const model::MemoryImage> image = model::MemoryImage::of(lines_, size);
  void* const frozen = image ? image->map(false) : nullptr;
  if (!frozen) return;
  munmap(lines_, size);
  lines_ = static_cast<SlotLine*>(frozen);
  image_ = std::move(image);
}

SlotTable::~SlotTable() {
  if (lines_) munmap(lines_, count_ * sizeof(SlotLine));
}

}  // namespace ssmz::codec
