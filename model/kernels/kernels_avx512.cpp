// SPDX-License-Identifier: Apache-2.0
// Kernels for x86-64 with AVX-512 (F, BW, CD, DQ, VL).
#if defined(__GNUC__) && !defined(__clang__)  // false alarms inside GCC 12's own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "model/kernels/kernels_paths_detail.hpp"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define SSMZ_VECTOR_AVX512 1
#include "model/kernels/kernels_table_detail.hpp"

namespace ssmz::model::paths {

static constexpr Kernels table = make_table("avx512");
const Kernels* const avx512 = &table;

}  // namespace ssmz::model::paths
#else
namespace ssmz::model::paths {

const Kernels* const avx512 = nullptr;

}  // namespace ssmz::model::paths
#endif
