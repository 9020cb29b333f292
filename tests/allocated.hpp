// SPDX-License-Identifier: Apache-2.0
// What the allocator has given out, where it says so.
#pragma once

#include <cstdint>
#include <optional>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ssmz {

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
/// Bytes in use; nothing where another allocator, or a sanitizer's, is at work.
inline std::optional<std::uint64_t> allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
/// The same with what was freed and not given back to the system.
inline std::optional<std::uint64_t> allocated_and_free() {
  const struct mallinfo2 info = mallinfo2();
  return info.arena + info.hblkhd;
}
#else
inline std::optional<std::uint64_t> allocated() { return std::nullopt; }
inline std::optional<std::uint64_t> allocated_and_free() { return std::nullopt; }
#endif

}  // namespace ssmz
