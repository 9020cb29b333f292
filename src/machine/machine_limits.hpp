// SPDX-License-Identifier: Apache-2.0
// How many cores and how much memory this process may use, which may be less than the machine has.
#pragma once

#include <cstdint>
#include <string>

namespace ssmz::cli {

/// A number and what sets it: "2 cores (cpu.max of /sys/fs/cgroup/job)".
struct Limit {
  std::uint64_t value = 0;  ///< 0: unknown.
  std::string source;
};

/// Cores: the least of the machine's, sched_getaffinity and cgroup v2's cpu.max (rounded up). At least 1.
[[nodiscard]] Limit core_limit();

/// Bytes: the least of physical memory, cgroup v2's memory.max and RLIMIT_AS; 0 if unknown.
[[nodiscard]] Limit memory_limit_of_process();

/// Bytes of memory_limit_of_process().
[[nodiscard]] std::uint64_t machine_memory();

}  // namespace ssmz::cli
