// SPDX-License-Identifier: Apache-2.0
// What this machine's fused multiply-adds can do at most, as the measure of kernels.
#pragma once

#include <benchmark/benchmark.h>

#include <string_view>

namespace ssmz::bench {

/// Single-precision multiply-adds per second of one core with the instructions of a kernel path, measured
/// once per path with all operands in registers: the best of some short runs by processor time. 0: the path
/// is not of this machine.
[[nodiscard]] double fma_peak(std::string_view path);

/// Processor time of the program so far.
[[nodiscard]] double processor_seconds();

/// Adds the counter `name`: how many times longer the iterations, which took `seconds`, were than their
/// multiply-adds (so many each) at the peak.
inline void count_peak_times(benchmark::State& state, const char* name, double seconds, double multiply_adds,
                             double peak) {
  state.counters[name] = seconds * peak / (multiply_adds * static_cast<double>(state.iterations()));
}

}  // namespace ssmz::bench
