// SPDX-License-Identifier: Apache-2.0
// Layouts of sound as numbers.
#include "codec/audio/sound_layout.hpp"

#include <algorithm>

namespace ssmz::codec {

std::uint64_t SoundLayout::packed() const {
  return std::uint64_t{form == SampleForm::floating ? exponent : low_bytes} << 10 |
         static_cast<std::uint64_t>(form) << 8 | (channels - 1) << 5 | (is_signed ? 16u : 0u) |
         (big_endian ? 8u : 0u) | (sample_bytes - 1) << 1 | (goes_on ? 1u : 0u);
}

SoundLayout SoundLayout::of(std::uint64_t packed) {
  const auto form = static_cast<SampleForm>(packed >> 8 & 3u);
  const auto scale = static_cast<unsigned>(packed >> 10 & 31u);
  const bool floating = form == SampleForm::floating;
  return {.goes_on = (packed & 1u) != 0,
          .sample_bytes = static_cast<unsigned>(packed >> 1 & 3u) + 1,
          .big_endian = (packed & 8u) != 0,
          .is_signed = (packed & 16u) != 0,
          .channels = static_cast<unsigned>(packed >> 5 & 7u) + 1,
          .form = form,
          .exponent = floating ? scale : 0,
          .low_bytes = floating ? 0 : scale};
}

bool valid_sound_layout(std::uint64_t packed) {
  if (packed >> 15) return false;
  const SoundLayout layout = SoundLayout::of(packed);
  if (layout.form == SampleForm::floating) return layout.sample_bytes == 4 && !layout.is_signed;
  if (layout.form == SampleForm::whole)
    return layout.low_bytes <= std::min(SoundLayout::most_low_bytes, layout.sample_bytes - 1);
  return layout.low_bytes == 0 && layout.sample_bytes == 1 && !layout.is_signed && !layout.big_endian;
}

}  // namespace ssmz::codec
