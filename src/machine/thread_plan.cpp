// SPDX-License-Identifier: Apache-2.0
// Weighs cores against memory and work.
#include "src/machine/thread_plan.hpp"

#include <algorithm>

#include "src/machine/machine_limits.hpp"
#include "src/options/size_text.hpp"

namespace ssmz::cli {

ThreadPlan plan_threads(const Options& options, std::uint64_t model_memory, std::uint64_t frames) {
  if (options.threads != 0) return {options.threads, "asked for"};
  const Limit cores = core_limit();
  ThreadPlan plan{static_cast<unsigned>(std::min<std::uint64_t>(cores.value, most_threads)), cores.source};
  const Limit memory = memory_limit_of_process();
  const std::uint64_t budget = options.memory != 0 ? options.memory : memory.value / 2;
  if (budget != 0 && model_memory != 0 && budget / model_memory < plan.threads) {
    plan.threads = static_cast<unsigned>(std::max<std::uint64_t>(budget / model_memory, 1));
    plan.reason = options.memory != 0 ? "--memory=" + size_text(options.memory)
                                      : "half of " + size_text(memory.value) + ", " + memory.source;
  }
  const std::uint64_t useful = frames == 1 ? 2 : frames;
  if (useful != 0 && useful < plan.threads) {
    plan.threads = static_cast<unsigned>(useful);
    plan.reason = "frames to work on";
  }
  return plan;
}

}  // namespace ssmz::cli
