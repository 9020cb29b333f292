// SPDX-License-Identifier: Apache-2.0
// Which token takes the fewest bits up to the end of what one looks ahead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/deflate/hash_chains.hpp"
#include "codec/deflate/token_costs.hpp"
#include "codec/deflate/token_predictor.hpp"

namespace ssmz::codec {

/// Cost: a search at each byte, of 2^(level + 1) places at most, and the lengths that it finds.
class FrugalPredictor final : public TokenPredictor {
 public:
  FrugalPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain);

  [[nodiscard]] TokenPrediction predict() override;
  void take(DeflateToken token) override;
  void pass(std::size_t size) override;

 private:
  /// Searches and weighs what is ahead of position_.
  void plan();
  void search(std::size_t at);
  /// Found at a place that is planned.
  [[nodiscard]] std::span<const DeflateToken> matches(std::size_t at) const noexcept;
  /// Of all from `at` on.
  [[nodiscard]] int rest(std::size_t at) const noexcept;
  /// Calls `weigh(length, cost of it and of the rest)` for each match that begins `at`.
  template <class Weigh>
  void weigh_matches(std::size_t at, const Weigh& weigh) const;

  std::span<const std::uint8_t> plain_;
  unsigned depth_;
  HashChains chains_;
  TokenCosts costs_;
  std::size_t begin_ = 0, end_ = 0;  // what is planned
  std::size_t next_plan_ = 0;
  std::vector<std::uint32_t> starts_{0};  // [at - begin_] in found_; one more
  std::vector<DeflateToken> found_;
  std::vector<int> rest_;  // [at - begin_]
  std::array<LengthOption, most_length_options> lengths_{};
};

}  // namespace ssmz::codec
