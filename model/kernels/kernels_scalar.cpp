// SPDX-License-Identifier: Apache-2.0
// Reference kernels in plain C++.
#include "model/kernels/kernels_paths_detail.hpp"
#include "model/kernels/kernels_table_detail.hpp"

namespace ssmz::model::paths {

static constexpr Kernels table = make_table("scalar");
const Kernels* const scalar = &table;

}  // namespace ssmz::model::paths
