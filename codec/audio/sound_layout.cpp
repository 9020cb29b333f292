// SPDX-License-Identifier: Apache-2.0
// Layouts of sound as numbers.
#include "codec/audio/sound_layout.hpp"

namespace ssmz::codec {

std::uint64_t SoundLayout::packed() const {
  return std::uint64_t{exponent} << 10 | static_cast<std::uint64_t>(form) << 8 | (channels - 1) << 5 |
         (is_signed ? 16u : 0u) | (big_endian ? 8u : 0u) | (sample_bytes - 1) << 1 | (goes_on ? 1u : 0u);
}

SoundLayout SoundLayout::of(std::uint64_t packed) {
  return {.goes_on = (packed & 1u) != 0,
          .sample_bytes = static_cast<unsigned>(packed >> 1 & 3u) + 1,
          .big_endian = (packed & 8u) != 0,
          .is_signed = (packed & 16u) != 0,
          .channels = static_cast<unsigned>(packed >> 5 & 7u) + 1,
          .form = static_cast<SampleForm>(packed >> 8 & 3u),
          .exponent = static_cast<unsigned>(packed >> 10 & 31u)};
}

bool valid_sound_layout(std::uint64_t packed) {
  if (packed >> 15) return false;
  const SoundLayout layout = SoundLayout::of(packed);
  if (layout.form == SampleForm::floating) return layout.sample_bytes == 4 && !layout.is_signed;
  if (layout.exponent) return false;
  return layout.form == SampleForm::whole ||
         (layout.sample_bytes == 1 && !layout.is_signed && !layout.big_endian);
}

}  // namespace ssmz::codec
