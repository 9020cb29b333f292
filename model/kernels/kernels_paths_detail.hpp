// SPDX-License-Identifier: Apache-2.0
// The tables the instruction-set files define; nullptr where the build has none.
#pragma once

#include "model/kernels/kernels.hpp"

namespace ssmz::model::paths {

extern const Kernels* const scalar;
extern const Kernels* const avx2;
extern const Kernels* const avx512;
extern const Kernels* const neon;

}  // namespace ssmz::model::paths
