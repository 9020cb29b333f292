// SPDX-License-Identifier: Apache-2.0
// Arrays aligned to a cache line, as the kernels like them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace ssmz::model {

/// Allocator of 64-byte aligned memory. It asks for more and aligns by itself: glibc before 2.38 gives
/// aligned memory that was freed to no later aligned request of the same size (sourceware bug 14581), so that
/// a cache of sessions grew to six times what it held.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::uintptr_t alignment = 64;

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}  // NOLINT: implicit as allocators must be

  T* allocate(std::size_t n) {
    void* const raw = ::operator new(n * sizeof(T) + alignment);
    void* const aligned =
        static_cast<char*>(raw) + (alignment - reinterpret_cast<std::uintptr_t>(raw) % alignment);
    static_assert(sizeof(void*) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);  // so the address fits before it
    static_cast<void**>(aligned)[-1] = raw;
    return static_cast<T*>(aligned);
  }
  void deallocate(T* p, std::size_t) noexcept {
    ::operator delete(static_cast<void**>(static_cast<void*>(p))[-1]);
  }
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
