// SPDX-License-Identifier: Apache-2.0
// Prints a table of memory by level.
#include "src/work/info_memory.hpp"

#include <cinttypes>
#include <cstdio>

#include "src/machine/machine_limits.hpp"
#include "src/options/size_text.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

void print_memory() {
  const Limit memory = memory_limit_of_process();
  const Limit cores = core_limit();
  std::printf("memory  %s (%s)\n", size_text(memory.value).c_str(), memory.source.c_str());
  std::printf("cores   %" PRIu64 " (%s)\n\n", cores.value, cores.source.c_str());
  std::printf("level   1 MiB of content   a whole frame   content of a frame\n");
  for (int level = lowest_level; level <= highest_level; ++level) {
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
    const std::uint64_t frame = usual_frame_size(level).value();
    std::printf("%5d   %16s   %13s   %18s\n", level,
                size_text(memory_needed(level, mebibyte).value()).c_str(),
                size_text(memory_needed(level, frame).value()).c_str(), size_text(frame).c_str());
  }
}

}  // namespace ssmz::cli
