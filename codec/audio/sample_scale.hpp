// SPDX-License-Identifier: Apache-2.0
// Samples of sound as models of it see them: as whole numbers that rise with the sound.
#pragma once

#include <array>
#include <cstdint>

#include "codec/audio/sound_layout.hpp"

namespace ssmz::codec {

/// A sample in two parts.
struct SplitSample {
  std::uint32_t head = 0;  ///< What is predicted: 0..2^head_bits - 1, rising with the sound.
  std::uint32_t rest = 0;  ///< Bits below it.
};

/// FORMAT. Samples of up to 24 bits, without SoundLayout::low_bytes, are their own heads, but that those of
/// G.711 are numbered by the loudness that they stand for; the head of a longer whole number are its highest
/// 24 bits. Floats between +-2^exponent have the whole number of 2^(exponent - 23) that they are, towards 0,
/// around 2^23, and what their significands have below it is the rest; of others, and of those that are no
/// such unit, the rest is all.
class SampleScale {
 public:
  explicit SampleScale(const SoundLayout& layout);

  [[nodiscard]] unsigned head_bits() const noexcept { return head_bits_; }
  /// Bits of the rest behind a head: whole_float if it is a whole float, else at most 23.
  [[nodiscard]] unsigned rest_bits(std::uint32_t head) const noexcept;
  static constexpr unsigned whole_float = 32;

  /// Of a sample as it stands in the file, of SoundLayout::sample_bytes.
  [[nodiscard]] SplitSample split(std::uint32_t sample) const noexcept;
  [[nodiscard]] std::uint32_t join(SplitSample parts) const noexcept;

  /// The sound that a head stands for, around 0, at most full_scale() either way; and where among the heads
  /// a sound, below 2^31 either way, would be, which may be beyond them.
  [[nodiscard]] float sound(std::uint32_t head) const noexcept;
  [[nodiscard]] float place(float sound) const noexcept;
  [[nodiscard]] float full_scale() const noexcept { return full_scale_; }

 private:
  /// Of G.711: on each side of 0 segments of 16 steps, each segment's twice as wide as the one's before it.
  struct Law {
    std::uint32_t inverted = 0;  // bits of a code that are; then the highest one says which side of 0
    std::uint32_t positive = 0;  // ... as this does
    float bias = 0.0f;           // makes all segments' ends powers of two
    unsigned first_segment = 0;  // which of them the widths begin with
  };
  static const Law laws[2];

  [[nodiscard]] std::uint32_t rank(std::uint32_t code) const noexcept;
  [[nodiscard]] SplitSample split_float(std::uint32_t bits) const noexcept;

  SampleForm form_;
  unsigned head_bits_;
  unsigned rest_bits_;     // of whole numbers
  std::uint32_t flip_;     // makes samples unsigned
  std::uint32_t highest_;  // floats: exponent field of the first that is too large
  float full_scale_;
  Law law_;
  std::array<std::uint8_t, 256> code_of_{};  // G.711: by head
  std::array<float, 256> sound_of_{};
};

}  // namespace ssmz::codec
