// SPDX-License-Identifier: Apache-2.0
// The table of one instruction set's kernels, filled from the width-independent sources.
#pragma once

#include "model/kernels_linear_detail.hpp"
#include "model/kernels_math_detail.hpp"

namespace ssmz::model {
namespace {

constexpr Kernels make_table(const char* name) {
  return {name,
          {dot, axpy, dot_rows, axpy_rows, matvec, matvec_t, gemm_nn, gemm_nt, gemm_tn},
          {exp_map, sigmoid_map, silu_map, softplus_map, rsqrt_map},
          {adam, sum_squares}};
}

}  // namespace
}  // namespace ssmz::model
