// SPDX-License-Identifier: Apache-2.0
// Long repeats: one decision for many symbols at once, where a match has long been right.
#pragma once

#include <algorithm>
#include <cstddef>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/coder_probability.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// Asks "do the next 2^k symbols follow the match?" while its owner says that there is a match to trust.
/// After a yes twice as many are asked for, after a no half as many, down to 2^least_log2; then the owner
/// codes some symbols one by one before it is asked again. Not thread-safe.
class RepeatModel {
 public:
  static constexpr unsigned least_log2 = 5, most_log2 = 15;

  RepeatModel() : map_(std::size_t{2} * (most_log2 + 1), 255) {
    for (std::size_t i = 0; i < map_.size(); ++i) map_.set(i, i % 2 ? even : likely);
  }

  /// Symbols that are still known to follow the match.
  [[nodiscard]] std::size_t left() const noexcept { return left_; }
  void take() noexcept { --left_; }

  /// There is no match to trust.
  void forget() noexcept {
    log2_ = least_log2;
    pause_ = 0;
  }

  /// Decides how many symbols follow; left() is 0 before, and after a no. `follow(count)`: whether the next
  /// `count` symbols do (asked of encoders only to any purpose). `io` as for DecisionModel::decide().
  template <class Io, class Follow>
  void decide(Io& io, Follow&& follow) {
    if (pause_ > 0) {
      --pause_;
      return;
    }
    for (bool halved = false;; halved = true) {
      const std::size_t entry = 2 * log2_ + halved;
      const std::uint32_t p = coder_probability(map_.probability(entry));
      const std::size_t count = std::size_t{1} << log2_;
      const unsigned yes = io.code(follow(count), p, Position{.stage = Stage::whole, .taken = {}});
      map_.update(entry, yes);
      if (yes) {
        left_ = count;
        log2_ = std::min(log2_ + !halved, most_log2);
        return;
      }
      if (log2_ == least_log2) break;
      --log2_;
    }
    pause_ = std::size_t{1} << least_log2;
  }

 private:
  static constexpr unsigned likely = 60000, even = 32768;  // 16 bit

  AdaptiveMap map_;  // [log2 of the count][asked for twice as many before]
  unsigned log2_ = least_log2;
  std::size_t left_ = 0;
  std::size_t pause_ = 0;  // symbols before the next decision
};

}  // namespace ssmz::codec
