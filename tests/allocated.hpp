// SPDX-License-Identifier: Apache-2.0
// How much memory the process has asked for, where the system says so.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ssmz {

/// A value of /proc/self/status in bytes; 0 where there is none.
inline std::uint64_t process_status(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.rfind(name, 0) == 0) return std::strtoull(line.c_str() + name.size(), nullptr, 10) * 1024;
  return 0;
}

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
/// Bytes in use, touched or not, of the allocator and mapped; nothing where another allocator, or a
/// sanitizer's, is at work.
inline std::optional<std::uint64_t> allocated() {
  const std::uint64_t data = process_status("VmData:");
  return data == 0 ? std::nullopt : std::optional(data - mallinfo2().fordblks);
}
/// What the allocator has given out and what was freed and not given back to the system.
inline std::optional<std::uint64_t> allocated_and_free() {
  const struct mallinfo2 info = mallinfo2();
  return info.arena + info.hblkhd;
}
#else
inline std::optional<std::uint64_t> allocated() { return std::nullopt; }
inline std::optional<std::uint64_t> allocated_and_free() { return std::nullopt; }
#endif

}  // namespace ssmz
