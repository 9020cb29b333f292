// SPDX-License-Identifier: Apache-2.0
// Numbers of tasks handed out by rank 0 to all others, the largest share of the work of a distributed run.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <functional>

namespace ssmz::mpi {

/// Does one task; false if it failed, which has been said.
using DoTask = std::function<bool(std::uint64_t task)>;
/// Called on rank 0 with the number of tasks done.
using TasksDone = std::function<void(std::uint64_t done)>;

/// Runs tasks 0..count-1, each on some rank, in order of their numbers as ranks become free. Rank 0 only
/// hands them out, unless it is alone. After a failure no more are handed out. All ranks call it; true on all
/// if all went well.
[[nodiscard]] bool run_tasks(std::uint64_t count, const DoTask& work, const TasksDone& done);

}  // namespace ssmz::mpi
