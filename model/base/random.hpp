// SPDX-License-Identifier: Apache-2.0
// Deterministic random numbers (SplitMix64, Steele, Lea and Flood 2014), the same on every machine. FORMAT
#pragma once

#include <cstdint>

namespace ssmz::model {

/// A stream of numbers set by its seed. Copies continue alike.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// 64 uniform bits.
  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, bound), bound > 0; the bias is below bound / 2^32.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

  /// Uniform in [low, high), on a grid of 2^24 values.
  float uniform(float low, float high) noexcept {
    const float unit = static_cast<float>(next() >> 40) * 0x1p-24f;
    const float span = (high - low) * unit;
    return low + span;
  }

  /// Mean 0, variance 1: the sum of twelve uniforms (so within +-6), which needs additions only.
  float normal() noexcept {
    float sum = -6.0f;
    for (int i = 0; i < 12; ++i) sum += uniform(0.0f, 1.0f);
    return sum;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ssmz::model
