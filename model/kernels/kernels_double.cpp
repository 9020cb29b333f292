// SPDX-License-Identifier: Apache-2.0
// The kernels in double precision, for tests of gradients.
#define SSMZ_VECTOR_DOUBLE 1
#include "model/kernels/kernels_table_detail.hpp"

namespace ssmz::model {

const KernelTable<double>& double_kernels() noexcept {
  static constexpr KernelTable<double> table = make_table("double");
  return table;
}

}  // namespace ssmz::model
