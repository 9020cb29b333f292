// SPDX-License-Identifier: Apache-2.0
// Which token zlib's deflate would write next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "codec/deflate/hash_chains.hpp"
#include "codec/deflate/token_predictor.hpp"

namespace ssmz::codec {

/// Cost: as zlib's at the level.
class MatchPredictor final : public TokenPredictor {
 public:
  MatchPredictor(DeflateParameters parameters, std::span<const std::uint8_t> plain);

  [[nodiscard]] TokenPrediction predict() override;
  void take(DeflateToken token) override;
  void pass(std::size_t size) override;

 private:
  struct Match {
    unsigned length = 0;
    std::size_t at = 0;
  };

  [[nodiscard]] Match search(std::size_t at, unsigned beaten);
  [[nodiscard]] DeflateToken token_of(const Match& match) const noexcept;

  DeflateParameters parameters_;
  bool is_hasty_, is_greedy_;
  std::span<const std::uint8_t> plain_;
  HashChains chains_;
  bool known_ = false;  // here_ is what was found at position_ when the one before was predicted
  Match here_, next_;
  bool looked_ahead_ = false;  // next_ is what was found at position_ + 1
  DeflateToken found_;         // here_
  LengthOption length_;        // its
};

}  // namespace ssmz::codec
