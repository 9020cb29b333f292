// SPDX-License-Identifier: Apache-2.0
// Arrays aligned to a cache line, as the kernels like them.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace ssmz::model {

/// Allocator of 64-byte aligned memory.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}  // NOLINT: implicit as allocators must be

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }
  template <class U>
  bool operator==(const AlignedAllocator<U>&) const noexcept {
    return true;
  }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// `n` rounded up to a multiple of 16 elements, the kernels' vector.
constexpr std::size_t round_up16(std::size_t n) noexcept { return (n + 15) / 16 * 16; }

}  // namespace ssmz::model
