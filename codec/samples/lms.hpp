// SPDX-License-Identifier: Apache-2.0
// Linear prediction by normalised least mean squares: long filters at a cost that grows only with their
// length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmz::codec {

/// B. Widrow and S. D. Stearns, "Adaptive Signal Processing" (1985). Floats in a fixed order of operations.
class LmsFilter {
 public:
  /// `order`: a multiple of 8. `rate`: of the step, over the power of the inputs; 0.002..0.02.
  LmsFilter(unsigned order, float rate);

  /// Bytes that one of this order takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned order) noexcept {
    return (2 * std::uint64_t{order} + room) * sizeof(float);
  }

  [[nodiscard]] float predict() noexcept;
  /// What predict() should have given, and the input that follows.
  void update(float target, float input) noexcept;

 private:
  static constexpr std::size_t room = 1024;  // inputs between two moves of the window

  unsigned order_;
  float rate_;
  std::vector<float> weights_;
  std::vector<float> inputs_;  // the window is [end_ - order_, end_)
  std::size_t end_;
  float predicted_ = 0.0f;
};

}  // namespace ssmz::codec
