// SPDX-License-Identifier: Apache-2.0
// Memory of the n-gram hash table.
#include "codec/predict/slot_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "model/base/huge_pages.hpp"

namespace ssmz::codec {

namespace {

// A packed table is spread out when so large a part of it was asked for. Larger parts take as much memory for
// the index, and random reads of it take longer than the lines'.
constexpr std::uint64_t packed_part = 4;

// Places in it are random: on huge pages it is resident as a whole within a few symbols, so it is not where
// it takes more than 8 MB (from -6 on).
constexpr std::uint64_t pairs_of_huge_index = std::uint64_t{1} << 21;

// Of a table so small nearly all pages are touched within some kilobytes, twice each, by a look and then a
// write: the system clears them faster at once.
constexpr std::size_t all_at_once = std::size_t{1} << 19;

// Zeros, that take memory where they are touched; nullptr if there is no room.
template <class Value>
Value* reserve(std::uint64_t count) noexcept {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  void* memory = mmap(nullptr, count * sizeof(Value), PROT_READ | PROT_WRITE, flags, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Value*>(memory);
}

template <class Value>
void give_back(Value*& memory, std::uint64_t count) noexcept {
  if (memory) munmap(memory, count * sizeof(Value));
  memory = nullptr;
}

template <class Value>
Value* reserve_huge(std::uint64_t count) noexcept {
  Value* const memory = reserve<Value>(count);
  if (memory) model::advise_huge_pages(memory, count * sizeof(Value));
  return memory;
}

SlotLine* reserve_spread(std::uint64_t count) noexcept {
  SlotLine* const lines = reserve_huge<SlotLine>(count);
  if (!lines) return nullptr;
  [[maybe_unused]] const std::size_t bytes = count * sizeof(SlotLine);
#ifdef MADV_POPULATE_WRITE
  if (bytes <= all_at_once) (void)madvise(lines, bytes, MADV_POPULATE_WRITE);
#endif
  return lines;
}

}  // namespace

SlotTable::SlotTable(std::uint64_t bytes) noexcept : count_(bytes / sizeof(SlotLine)) {
  const std::uint64_t pairs = count_ / 2;
  if (bytes > largest_spread && pairs <= UINT32_MAX) {
    lines_ = reserve_huge<SlotLine>(count_);
    index_ =
        pairs <= pairs_of_huge_index ? reserve_huge<std::uint32_t>(pairs) : reserve<std::uint32_t>(pairs);
    owners_ = reserve_huge<std::uint32_t>(pairs);
    most_used_ = pairs / packed_part;
    if (!index_ || !owners_) give_back(lines_, count_);
  } else {
    lines_ = reserve_spread(count_);
  }
  origin_ = lines_;
}

SlotTable::SlotTable(const SlotTable& other) noexcept : count_(other.count_) {
  if (other.image_) lines_ = static_cast<SlotLine*>(other.image_->map(true));
  const bool mapped = lines_ != nullptr;
  if (!mapped && other.lines_) lines_ = reserve_spread(count_);
  if (!mapped && lines_) other.unpack_to(lines_);
  origin_ = lines_;
}

void SlotTable::unpack_to(SlotLine* lines) const noexcept {
  if (!index_) {
    std::copy_n(lines_, count_, lines);
    return;
  }
  for (std::uint64_t place = 0; place < used_; ++place)
    std::copy_n(lines_ + place * 2, 2, lines + std::uint64_t{owners_[place]} * 2);
}

void SlotTable::spread() noexcept {
  if (!index_) return;
  SlotLine* spread = reserve_spread(count_);
  most_used_ = ~0ull;
  if (!spread) return;
  unpack_to(spread);
  old_lines_ = lines_;  // both are mapped now: no line is within both
  give_back(lines_, count_);
  give_back(index_, count_ / 2);
  lines_ = spread;
  origin_ = spread;
}

SlotLine* SlotTable::counterpart(const SlotLine* line, const SlotTable& other) noexcept {
  if (!line) return nullptr;
  assert(!index_);
  const SlotLine* const packed = other.index_ ? other.lines_ : other.old_lines_;
  if (packed && line >= packed && line < packed + other.used_ * 2) {
    const auto place = static_cast<std::uint64_t>(line - packed);
    return lines_ + std::uint64_t{other.owners_[place / 2]} * 2 + place % 2;
  }
  return lines_ + (line - other.origin_);
}

void SlotTable::freeze() noexcept {
  spread();
  if (image_ || index_ || !lines_) return;
  const std::size_t size = count_ * sizeof(SlotLine);
  std::shared_ptr<const model::MemoryImage> image = model::MemoryImage::of(lines_, size);
  void* const frozen = image ? image->map(false) : nullptr;
  if (!frozen) return;
  munmap(lines_, size);
  lines_ = static_cast<SlotLine*>(frozen);
  image_ = std::move(image);
}

SlotTable::~SlotTable() {
  give_back(lines_, count_);
  give_back(index_, count_ / 2);
  give_back(owners_, count_ / 2);
}

}  // namespace ssmz::codec
