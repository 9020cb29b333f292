// SPDX-License-Identifier: Apache-2.0
// What samples would cost about by how far predictions miss them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

/// Adds up sixteenths of a bit: of each miss, by how large the last `Window` were about, log2 of their mean,
/// and a bit and a half. Not FORMAT.
template <unsigned Window>
class MissCost {
 public:
  void add(std::int32_t difference) {
    const auto miss = static_cast<std::uint64_t>(difference < 0 ? -difference : difference);
    sum_ +=
        log2_sixteenths(mean_ + 16) - 64 + 12 + std::min<std::uint64_t>(miss * 16 * 23 / (mean_ + 16), 256);
    mean_ = mean_ - mean_ / Window + miss * 16 / Window;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t mean_ = 16 * 16;  // in sixteenths
};

}  // namespace ssmz::codec
