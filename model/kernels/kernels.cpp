// SPDX-License-Identifier: Apache-2.0
// Chooses the kernel table of this machine.
#include "model/kernels/kernels.hpp"

#include <cfloat>
#include <cstdlib>

#include "model/kernels/kernels_paths_detail.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// What reaches the coder is the result of float operations: each must round to float, not to something wider.
static_assert(FLT_EVAL_METHOD == 0,
              "compile with arithmetic that rounds to float (32-bit x86: -msse2 -mfpmath=sse)");

namespace ssmz::model {
namespace {

bool machine_has_avx2() noexcept {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

bool machine_has_avx512() noexcept {
#if defined(__x86_64__)
  return machine_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

const Kernels& choose() noexcept {
  if (const char* forced = std::getenv("SSMZ_CPU_PATH")) {
    if (const Kernels* table = kernels_for(forced)) return *table;
  }
  for (const char* path : {"avx512", "avx2", "neon"}) {
    if (const Kernels* table = kernels_for(path)) return *table;
  }
  return *paths::scalar;
}

}  // namespace

const Kernels* kernels_for(std::string_view path) noexcept {
  if (path == "scalar") return paths::scalar;
  if (path == "neon") return paths::neon;
  if (path == "avx2") return machine_has_avx2() ? paths::avx2 : nullptr;
  if (path == "avx512") return machine_has_avx512() ? paths::avx512 : nullptr;
  return nullptr;
}

const Kernels& kernels() noexcept {
  static const Kernels& chosen = choose();
  return chosen;
}

const char* cpu_path_name() noexcept { return kernels().name; }

#if defined(__x86_64__)
// MXCSR: all exceptions masked, round to nearest, no flush to zero, no denormals-are-zero.
ScopedFloatMode::ScopedFloatMode() noexcept : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
ScopedFloatMode::~ScopedFloatMode() { _mm_setcsr(static_cast<unsigned>(saved_)); }
#elif defined(__aarch64__)
ScopedFloatMode::ScopedFloatMode() noexcept {
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
  asm volatile("msr fpcr, %0" : : "r"(0ULL));
}
ScopedFloatMode::~ScopedFloatMode() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }
#else
ScopedFloatMode::ScopedFloatMode() noexcept : saved_(0) {}
ScopedFloatMode::~ScopedFloatMode() = default;
#endif

}  // namespace ssmz::model
