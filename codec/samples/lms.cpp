// SPDX-License-Identifier: Apache-2.0
// Eight sums side by side, so that any register width gives the same. The kernels' dot product has sixteen,
// fused: other bits than these, which are FORMAT.
#include "codec/samples/lms.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

constexpr unsigned lanes = 8;

float dot(const float* a, const float* b, unsigned count) {
  float sums[lanes] = {};
  for (unsigned i = 0; i < count; i += lanes)
    for (unsigned k = 0; k < lanes; ++k) sums[k] += a[i + k] * b[i + k];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace

LmsFilter::LmsFilter(unsigned order, float rate)
    : order_(order), rate_(rate), weights_(order), inputs_(order + room), end_(order) {}

float LmsFilter::predict() noexcept {
  predicted_ = dot(weights_.data(), &inputs_[end_ - order_], order_);
  return predicted_;
}

void LmsFilter::update(float target, float input) noexcept {
  const float* const window = &inputs_[end_ - order_];
  const float step = rate_ * (target - predicted_) / (dot(window, window, order_) / 16.0f + 1.0f);
  for (unsigned i = 0; i < order_; ++i) weights_[i] += step * window[i];
  if (end_ == inputs_.size()) {
    std::copy(inputs_.end() - order_, inputs_.end(), inputs_.begin());
    end_ = order_;
  }
  inputs_[end_++] = input;
}

}  // namespace ssmz::codec
