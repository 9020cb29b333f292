// SPDX-License-Identifier: Apache-2.0
// Following the covariance and its largest eigenvectors by orthogonal iteration.
#include "codec/predict/preconditioner.hpp"

#include <algorithm>
#include <cmath>

#include "codec/base/hash.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::codec {
namespace {

// The covariance learns of each so manyth update; 8 at -2, -4, -5: enwik8's first 60,000 bytes, 30,000 each
// of obj2 and kennedy.xls the same within 0.1 %.
constexpr unsigned sampling = 32;
constexpr std::uint64_t first_refresh = 2048, refresh_period = 65536;
constexpr unsigned iterations = 4;  // of a refresh, which goes on from the vectors of the last one
constexpr float forgetting = 0.5f;  // share of the sums that a refresh keeps
// Times the mean eigenvalue. Rank 330 on enwik8's first 150,000 bytes at -9 without SSM: 0.1 +0.53 %, 1
// -0.20, 3 -0.33, 10 -0.36, 30 -0.32 %; rank 16, 8, 4 at 10: -0.36, -0.35, -0.33 %.
constexpr float damping_share = 10.0f;
constexpr float least_norm = 1e-20f;  // of a vector that is worth keeping

}  // namespace

Preconditioner::Preconditioner(unsigned padded, unsigned rank, float compensation)
    : padded_(padded),
      rank_(rank),
      compensation_(compensation),
      next_refresh_(first_refresh),
      covariance_(std::size_t{padded} * padded),
      vectors_(std::size_t{padded} * rank),
      next_vectors_(vectors_.size()),
      shares_(rank),
      parts_(rank),
      values_(rank),
      direction_(padded) {
  for (std::size_t i = 0; i < vectors_.size(); ++i)
    vectors_[i] = static_cast<float>(static_cast<int>(hash_mix(i, 1) >> 40 & 255u) - 127) / 128.0f;
}

const float* Preconditioner::direction(const float* inputs) noexcept {
  if (++updates_ % sampling == 0) add(inputs);
  if (updates_ == next_refresh_) {
    refresh();
    next_refresh_ += std::min(next_refresh_, refresh_period);
  }
  if (!ready_) return inputs;
  const auto& linear = model::kernels().linear;
  linear.matvec(vectors_.data(), padded_, rank_, padded_, inputs, parts_.data(), false);
  for (unsigned k = 0; k < rank_; ++k) parts_[k] *= shares_[k];
  for (unsigned i = 0; i < padded_; ++i) direction_[i] = inputs[i] * scale_;
  linear.matvec_t(vectors_.data(), padded_, rank_, padded_, parts_.data(), direction_.data(), true);
  return direction_.data();
}

void Preconditioner::add(const float* inputs) noexcept {
  const auto& linear = model::kernels().linear;
  for (unsigned i = 0; i < padded_; ++i)
    if (inputs[i] != 0.0f) linear.axpy(inputs[i], inputs, &covariance_[std::size_t{i} * padded_], padded_);
}

void Preconditioner::iterate() noexcept {
  const auto& linear = model::kernels().linear;
  linear.gemm_nn(vectors_.data(), padded_, covariance_.data(), padded_, next_vectors_.data(), padded_, rank_,
                 padded_, padded_, false);
  for (unsigned k = 0; k < rank_; ++k) {
    float* const vector = &next_vectors_[std::size_t{k} * padded_];
    for (unsigned j = 0; j < k; ++j) {
      const float* const earlier = &next_vectors_[std::size_t{j} * padded_];
      linear.axpy(-linear.dot(earlier, vector, padded_), earlier, vector, padded_);
    }
    const float norm = std::sqrt(linear.dot(vector, vector, padded_));
    values_[k] = norm;
    if (norm > least_norm) {
      for (unsigned i = 0; i < padded_; ++i) vector[i] /= norm;
    } else {  // the inputs have fewer dimensions so far: another time
      values_[k] = 0.0f;
      std::copy_n(&vectors_[std::size_t{k} * padded_], padded_, vector);
    }
  }
  vectors_.swap(next_vectors_);
}

void Preconditioner::refresh() noexcept {
  for (unsigned i = 0; i < iterations; ++i) iterate();
  float trace = 0.0f;
  for (unsigned i = 0; i < padded_; ++i) trace += covariance_[std::size_t{i} * padded_ + i];
  if (trace <= 0.0f) return;
  const float damping = damping_share * trace / static_cast<float>(padded_);
  float left_out = 0.0f;
  for (unsigned k = 0; k < rank_; ++k) {
    shares_[k] = values_[k] / (values_[k] + damping);
    left_out += shares_[k] * values_[k];
  }
  scale_ = trace > left_out ? 1.0f + compensation_ * left_out / (trace - left_out) : 1.0f;
  for (float& share : shares_) share *= -scale_;
  for (float& sum : covariance_) sum *= forgetting;
  ready_ = true;
}

}  // namespace ssmz::codec
