// SPDX-License-Identifier: Apache-2.0
// Large tables on huge pages where the system has them: random reads then miss the TLB less, but each first
// touch clears 2 MB. So tables begin on small pages. Never changes a result.
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ssmz::model {

inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// An array goes over to huge pages when it has so few bytes for each symbol that was coded, which is looked
/// at behind this many and behind each power of two times as many: before, few rows of it are used (1 kB at
/// -9 took 172 MB on huge pages and 52 without), moving it costs more than it gains (200 kB at -5, all arrays
/// at 2^14 symbols: +10 % of the time), and who asks for large tables has not yet shown that there is much to
/// come.
inline constexpr std::uint64_t symbols_before_huge_pages = 4096, huge_bytes_a_symbol = 512;

namespace detail {
/// The whole huge pages within [data, data + size).
struct WholeHugePages {
  void* begin;
  std::size_t bytes = 0;
  WholeHugePages(void* data, std::size_t size) noexcept : begin(data) {
    const auto at = reinterpret_cast<std::uintptr_t>(data);
    const std::uintptr_t first = (at + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
    const std::uintptr_t last = (at + size) / huge_page_bytes * huge_page_bytes;
    if (first >= last) return;
    begin = static_cast<char*>(data) + (first - at);
    bytes = last - first;
  }
};
}  // namespace detail

/// Asks for huge pages for the whole ones within [data,
/// data + bytes); call before the memory is first touched.
inline void advise_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  const detail::WholeHugePages pages(data, bytes);
  if (pages.bytes != 0) (void)madvise(pages.begin, pages.bytes, MADV_HUGEPAGE);
#endif
}

/// The same of memory that has been touched in part: what holds anything moves to huge pages at once where
/// the system does that (Linux 6.1; before, it comes to it in time). Its address stays. Cost: copying it.
inline void collapse_to_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  constexpr int collapse = 25;  // MADV_COLLAPSE, which headers older than the kernel do not have
  const detail::WholeHugePages pages(data, bytes);
  if (pages.bytes == 0) return;
  (void)madvise(pages.begin, pages.bytes, MADV_HUGEPAGE);
  (void)madvise(pages.begin, pages.bytes, collapse);
#endif
}

/// Small pages that are about to be used, nearly all of them: the system clears them at once, which takes
/// less than a fault for each, and another where the first touch is a read. Every page of [data, data +
/// bytes), which is writable. Changes no value.
inline void populate([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_POPULATE_WRITE
  constexpr std::uintptr_t page = 4096;
  const auto at = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t first = at / page * page, last = (at + bytes + page - 1) / page * page;
  if (first < last) (void)madvise(reinterpret_cast<void*>(first), last - first, MADV_POPULATE_WRITE);
#endif
}

}  // namespace ssmz::model
