// SPDX-License-Identifier: Apache-2.0
// What long samples of sound that were made from shorter ones are multiples of.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "codec/audio/sound_layout.hpp"

namespace ssmz::codec {

/// Watches windows of 64 heads (SampleScale). FORMAT. Not thread-safe.
class SampleGrain {
 public:
  /// `head_bits`: of heads, 8..24; the highest eight bits are never below the step. Heads of G.711 have none.
  SampleGrain(unsigned head_bits, bool companded) : most_log2_(companded ? 0 : head_bits - 8) {}

  /// The power of two that the last 64 to 127 heads were multiples of, or, from 32 on, nearly all of them
  /// within the noise of multiples of; 1 if they were of none.
  [[nodiscard]] std::uint32_t step() const noexcept;
  /// Whether they were multiples of less.
  [[nodiscard]] bool noisy() const noexcept { return step() > exact_step(); }
  void note(std::uint32_t head) noexcept;

 private:
  /// Noise of up to so much is added before samples are rounded (dither: S. P. Lipshitz et al., "Quantization
  /// and Dither", 1992), and is seldom more. Of less than the least step that would say little.
  static constexpr std::uint32_t noise = 2;
  static constexpr unsigned least_noisy_log2 = 5, window = 64, most_apart = window / 8;

  [[nodiscard]] std::uint32_t exact_step() const noexcept;
  [[nodiscard]] static constexpr std::array<std::uint8_t, 17> full() noexcept {
    std::array<std::uint8_t, 17> counts{};
    counts.fill(window);
    return counts;
  }
  [[nodiscard]] static unsigned near_log2(std::uint32_t head) noexcept;

  unsigned most_log2_;
  unsigned counted_ = 0;
  // Of the window in hand and the last one: bits of heads, together, and, by the logarithm of a power of two,
  // how many are not near a multiple of it.
  std::uint32_t used_ = 0, used_before_ = ~0u;
  std::array<std::uint8_t, 17> apart_{}, apart_before_ = full();
};

/// Whether most of `samples` have a noisy step: as ranks they are worse (35 sounds of LibreOffice of 8 bits
/// that were given 16, 2,991,820 bytes, at -1 1,235,593 -> 1,166,609). Linear. Not FORMAT.
[[nodiscard]] bool have_noisy_grain(const SoundLayout& layout, std::span<const std::uint8_t> samples);

}  // namespace ssmz::codec
