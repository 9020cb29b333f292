// SPDX-License-Identifier: Apache-2.0
// Kernels for AArch64, where NEON is always there.
#include "model/kernels/kernels_paths_detail.hpp"

#if defined(__aarch64__)
#define SSMZ_VECTOR_NEON 1
#include "model/kernels/kernels_table_detail.hpp"

namespace ssmz::model::paths {

static constexpr Kernels table = make_table("neon");
const Kernels* const neon = &table;

}  // namespace ssmz::model::paths
#else
namespace ssmz::model::paths {

const Kernels* const neon = nullptr;

}  // namespace ssmz::model::paths
#endif
