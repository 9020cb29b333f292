// SPDX-License-Identifier: Apache-2.0
// Samples of pictures and sound of which few values occur, as their ranks among these: 16 bits made from 8,
// and histograms with gaps (A. J. Pinho, "An online preprocessing technique for improving the lossless
// compression of images with sparse histograms", 2002).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// FORMAT. `line` of a layout.
struct RankForm {
  unsigned sample_bytes = 1;  ///< 1 or 2, of the samples.
  bool big_endian = false;    ///< Of samples of two bytes.
  bool is_signed = false;     ///< Of samples: they rank as in two's complement.
  bool centred = false;       ///< What is 0, or amid unsigned samples, is amid the ranks as far as that goes.
  unsigned channels = 1;      ///< 1..most_channels: each has values of its own.

  static constexpr unsigned most_channels = 8;
  [[nodiscard]] std::uint16_t packed() const noexcept;
  [[nodiscard]] static RankForm of(std::uint16_t line) noexcept;
};
[[nodiscard]] bool valid_ranks_layout(const TransformLayout& layout) noexcept;

/// How plain bytes lie: tables of values, and behind them ranks of so many bytes, low byte first.
struct RanksFront {
  std::size_t size = 0;
  unsigned rank_bytes = 1;
};
/// Of what from_ranks() gave.
[[nodiscard]] std::optional<RanksFront> ranks_front(const TransformLayout& layout,
                                                    std::span<const std::uint8_t> plain);

/// plain_of() of such a layout; nothing where ranks save too little to pay for their tables, or a sample is
/// cut. Linear.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_ranks(const TransformLayout& layout,
                                                                  std::span<const std::uint8_t> raw);
/// append_written() of such a layout. False if there is no value of a rank, or the tables are cut or say
/// values that samples have not.
[[nodiscard]] bool append_ranks(const TransformLayout& layout, std::span<const std::uint8_t> plain,
                                std::vector<std::uint8_t>& raw);

}  // namespace ssmz::codec
