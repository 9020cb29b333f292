// SPDX-License-Identifier: Apache-2.0
// The table of one path's kernels, filled from the width-independent sources.
#pragma once

#include "model/kernels/kernels_block_detail.hpp"
#include "model/kernels/kernels_int8_detail.hpp"
#include "model/kernels/kernels_linear_detail.hpp"
#include "model/kernels/kernels_math_detail.hpp"
#include "model/kernels/kernels_optimiser_detail.hpp"
#include "model/kernels/kernels_scan_detail.hpp"

namespace ssmz::model {
namespace {

constexpr KernelTable<Scalar> make_table(const char* name) {
  return {name,
          {dot, axpy, dot_rows, axpy_rows, matvec, matvec_t, gemm_nn, gemm_nt, gemm_tn},
          {exp_map, sigmoid_map, silu_map, softplus_map, rsqrt_map, softmax, silu_backward, softplus_backward,
           multiply, multiply_add, gate, gate_backward},
          {rms_norm, rms_norm_backward, l2_norm, l2_norm_backward, convolve, convolve_backward,
           selective_scan, selective_scan_backward, memory_step},
          {adam, adam_square, sum_squares},
          {gemm_int8, gemm_int8_weights, quantise_int8}};
}

}  // namespace
}  // namespace ssmz::model
