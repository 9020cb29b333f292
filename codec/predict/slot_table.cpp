// SPDX-License-Identifier: Apache-2.0
// Memory of the n-gram hash table.
#include "codec/predict/slot_table.hpp"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "model/base/huge_pages.hpp"
#include "model/base/zero_pages.hpp"

namespace ssmz::codec {

namespace {

// A packed table is spread out when half of it was asked for, or 256 MB: spreading takes both at once. -5,
// 200,000 bytes of enwik8, three runs in turn: spread at a quarter with an index of all pairs 3.3 to 4.7 s,
// at a quarter 3.4 to 4.4, at half 3.1 to 4.3. 50,000 bytes at -5 whose frame does not say how many: at a
// quarter 414 MB and 0.6 s in the system, at half 155 and 0.27.
constexpr std::uint64_t packed_part = 2, most_packed_pairs = std::uint64_t{1} << 21;
// One that fits its input will be filled: packing it until then takes half of it and the index once more. 1
// MB of text at -3, never packed, 245 -> 168 MB in 0.95 of the time.
constexpr std::uint64_t fitting_packed_part = 16;

// Of a table so small nearly all pages are touched within some kilobytes, twice each, by a look and then a
// write: the system clears them faster at once.
constexpr std::size_t all_at_once = std::size_t{1} << 19;

// Zeros; nullptr if there is no room.
template <class Value>
Value* reserve(std::uint64_t count) noexcept {
  return static_cast<Value*>(model::map_zero_pages(count * sizeof(Value), false));
}

template <class Value>
void give_back(Value*& memory, std::uint64_t count) noexcept {
  model::unmap_pages(memory, count * sizeof(Value));
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
  const std::size_t bytes = count * sizeof(SlotLine);
  if (bytes <= all_at_once) model::populate(lines, bytes);
  return lines;
}

}  // namespace

SlotTable::SlotTable(std::uint64_t bytes, bool fitting) noexcept : count_(bytes / sizeof(SlotLine)) {
  const std::uint64_t pairs = count_ / 2;
  if (bytes > largest_spread && pairs <= UINT32_MAX) {
    try {
      index_ = PlaceIndex(pairs);
      lines_ = reserve_huge<SlotLine>(count_);
      most_used_ = std::min(pairs / (fitting ? fitting_packed_part : packed_part), most_packed_pairs);
    } catch (const std::bad_alloc&) {
    }
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
  if (!index_.in_use()) {
    std::copy_n(lines_, count_, lines);
    return;
  }
  for (std::uint64_t place = 0; place < index_.used(); ++place)
    std::copy_n(lines_ + place * 2, 2, lines + std::uint64_t{index_.owner(place)} * 2);
}

void SlotTable::spread() noexcept {
  if (!index_.in_use()) return;
  SlotLine* spread = reserve_spread(count_);
  most_used_ = ~0ull;
  if (!spread) return;
  unpack_to(spread);
  old_lines_ = lines_;  // both are mapped now: no line is within both
  give_back(lines_, count_);
  index_.retire();
  lines_ = spread;
  origin_ = spread;
}

SlotLine* SlotTable::counterpart(const SlotLine* line, const SlotTable& other) noexcept {
  if (!line) return nullptr;
  assert(!index_.in_use());
  const SlotLine* const packed = other.index_.in_use() ? other.lines_ : other.old_lines_;
  if (packed && line >= packed && line < packed + other.index_.used() * 2) {
    const auto place = static_cast<std::uint64_t>(line - packed);
    return lines_ + std::uint64_t{other.index_.owner(place / 2)} * 2 + place % 2;
  }
  return lines_ + (line - other.origin_);
}

void SlotTable::freeze() noexcept {
  spread();
  if (image_ || index_.in_use() || !lines_) return;
  const std::size_t size = count_ * sizeof(SlotLine);
  std::shared_ptr<const model::MemoryImage> image = model::MemoryImage::of(lines_, size);
  void* const frozen = image ? image->map(false) : nullptr;
  if (!frozen) return;
  model::unmap_pages(lines_, size);
  lines_ = static_cast<SlotLine*>(frozen);
  image_ = std::move(image);
}

SlotTable::~SlotTable() { give_back(lines_, count_); }

}  // namespace ssmz::codec
