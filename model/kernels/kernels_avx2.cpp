// SPDX-License-Identifier: Apache-2.0
// Kernels for x86-64 with AVX2 and FMA.
#include "model/kernels/kernels_paths_detail.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#define SSMZ_VECTOR_AVX2 1
#include "model/kernels/kernels_table_detail.hpp"

namespace ssmz::model::paths {

static constexpr Kernels table = make_table("avx2");
const Kernels* const avx2 = &table;

}  // namespace ssmz::model::paths
#else
namespace ssmz::model::paths {

const Kernels* const avx2 = nullptr;

}  // namespace ssmz::model::paths
#endif
