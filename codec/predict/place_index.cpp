// SPDX-License-Identifier: Apache-2.0
// Adding numbers, and growing.
#include "codec/predict/place_index.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "model/base/huge_pages.hpp"

namespace ssmz::codec {

namespace {

constexpr unsigned first_slots_log2 = 10;

}  // namespace

PlaceIndex::PlaceIndex(std::uint64_t count)
    : slots_log2_(first_slots_log2),
      entries_(
          static_cast<std::size_t>(std::bit_ceil(std::max(count, std::uint64_t{1} << first_slots_log2) + 1))),
      owners_(static_cast<std::size_t>(count)) {}

std::uint32_t PlaceIndex::add(std::uint32_t number, std::size_t at) noexcept {
  owners_[used_] = number;
  entries_[at] = std::uint64_t{number} << 32 | ++used_;
  const std::uint64_t slots = std::uint64_t{1} << slots_log2_;
  if (used_ * 4 >= slots * 3 && slots * 2 <= entries_.size()) grow();
  return static_cast<std::uint32_t>(used_ - 1);
}

void PlaceIndex::grow() noexcept {
  std::fill_n(entries_.data(), mask() + 1, 0u);
  ++slots_log2_;
  const std::size_t bytes = (mask() + 1) * sizeof(std::uint64_t);
  // The half that is new has not been touched.
  if (bytes >= 2 * model::huge_page_bytes)
    model::advise_huge_pages(entries_.data() + (mask() + 1) / 2, bytes / 2);
  for (std::uint64_t place = 0; place < used_; ++place) {
    entries_[slot_of(owners_[place])] = std::uint64_t{owners_[place]} << 32 | (place + 1);
  }
}

void PlaceIndex::retire() noexcept {
  slots_log2_ = 0;
  entries_ = {};
}

}  // namespace ssmz::codec
