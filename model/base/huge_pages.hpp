// SPDX-License-Identifier: Apache-2.0
// Large tables on huge pages where the system has them: random
// reads then miss the TLB less. Never changes a result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ssmz::model {

inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Asks for huge pages for the whole ones within [data,
/// data + bytes); call before the memory is first touched.
inline void advise_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t first = (begin + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
  const std::uintptr_t last = (begin + bytes) / huge_page_bytes * huge_page_bytes;
  if (first < last) (void)madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

/// Allocator of containers that may be large. Throws std::bad_alloc.
template <class T>
struct HugePageAllocator {
  using value_type = T;
  HugePageAllocator() = default;
  template <class U>
  HugePageAllocator(const HugePageAllocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t n) {
    if (n > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    const std::size_t bytes = n * sizeof(T);
    void* const data = std::malloc(bytes);
    if (data == nullptr) throw std::bad_alloc();
    advise_huge_pages(data, bytes);
    return static_cast<T*>(data);
  }
  void deallocate(T* data, std::size_t) noexcept { std::free(data); }
  friend bool operator==(const HugePageAllocator&, const HugePageAllocator&) = default;
};

}  // namespace ssmz::model
