// SPDX-License-Identifier: Apache-2.0
// The peak of fused multiply-adds by instruction set, and a benchmark that prints it.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <string>

#include "bench/fma_peak.hpp"
#include "model/kernels/kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ssmz::bench {
namespace {

constexpr std::size_t chains = 12;  // latency 4, two a cycle: eight would just do
constexpr std::size_t rounds = 1u << 18;

// A loop over independent chains of multiply-adds: `fused(a, x, y)` is a x + y. Returns the lanes of one.
#define SSMZ_PEAK_LOOP(Vector, broadcast, fused)                                                    \
  Vector a[chains];                                                                                 \
  for (std::size_t i = 0; i < chains; ++i) a[i] = broadcast(static_cast<float>(i));                 \
  const Vector x = broadcast(0.999f), y = broadcast(0.001f);                                        \
  for (std::size_t k = 0; k < rounds; ++k) {                                                        \
    _Pragma("GCC unroll 12") for (std::size_t i = 0; i < chains; ++i) { a[i] = fused(a[i], x, y); } \
  }                                                                                                 \
  for (std::size_t i = 0; i < chains; ++i) benchmark::DoNotOptimize(a[i]);                          \
  return sizeof(Vector) / sizeof(float)

#if defined(__x86_64__)
__attribute__((target("avx512f"))) std::size_t run_avx512() {
  SSMZ_PEAK_LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps);
}
__attribute__((target("avx2,fma"))) std::size_t run_avx2() {
  SSMZ_PEAK_LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps);
}
#elif defined(__aarch64__)
float32x4_t fused_neon(float32x4_t a, float32x4_t x, float32x4_t y) { return vfmaq_f32(y, a, x); }
std::size_t run_neon() { SSMZ_PEAK_LOOP(float32x4_t, vdupq_n_f32, fused_neon); }
#endif

/// Lanes of the instruction; 0 if there is no such path here.
std::size_t run(std::string_view path) {
  if (model::kernels_for(path) == nullptr) return 0;
#if defined(__x86_64__)
  if (path == "avx512") return run_avx512();
  if (path == "avx2") return run_avx2();
#elif defined(__aarch64__)
  if (path == "neon") return run_neon();
#endif
  return 0;
}

double measure(std::string_view path) {
  double best = 0.0;
  for (int i = 0; i < 20; ++i) {
    const double start = processor_seconds();
    const std::size_t lanes = run(path);
    const double seconds = processor_seconds() - start;
    best = std::max(best, static_cast<double>(lanes * chains * rounds) / seconds);
  }
  return best;
}

void peak(benchmark::State& state, const char* path) {
  for (auto _ : state) benchmark::DoNotOptimize(run(path));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(run(path) * chains * rounds));
}

const bool registered = [] {
  for (const char* path : {"avx2", "avx512", "neon"}) {
    if (run(path) == 0) continue;
    benchmark::RegisterBenchmark((std::string("fma_peak/") + path).c_str(),
                                 [path](benchmark::State& state) { peak(state, path); });
  }
  return true;
}();

}  // namespace

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double fma_peak(std::string_view path) {
  static std::map<std::string, double, std::less<>> known;
  const auto found = known.find(path);
  if (found != known.end()) return found->second;
  return known.emplace(std::string(path), measure(path)).first->second;
}

}  // namespace ssmz::bench
