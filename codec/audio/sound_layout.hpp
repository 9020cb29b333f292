// SPDX-License-Identifier: Apache-2.0
// How samples of sound lie in a block.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// What a sample's bits mean. Values are FORMAT.
enum class SampleForm : std::uint8_t {
  whole = 0,     ///< A whole number, SoundLayout::is_signed.
  mu_law = 1,    ///< 8 bits of ITU-T G.711, mu-law.
  a_law = 2,     ///< 8 bits of ITU-T G.711, A-law.
  floating = 3,  ///< binary32 of IEEE 754.
};
/// Whether they are codes of G.711.
[[nodiscard]] constexpr bool is_companded(SampleForm form) noexcept {
  return form == SampleForm::mu_law || form == SampleForm::a_law;
}

/// FORMAT. The channels of a moment side by side.
struct SoundLayout {
  bool goes_on = false;  ///< Where the block of this layout before it ended, else with the first channel.
  unsigned sample_bytes = 1;  ///< 1..4; of mu-law and A-law 1, of floats 4.
  bool big_endian = false;
  bool is_signed = false;  ///< Of whole numbers.
  unsigned channels = 1;   ///< 1..max_channels.
  SampleForm form = SampleForm::whole;
  unsigned exponent = 0;   ///< Of floats: nearly all are between +-2^exponent; 0..most_exponent.
  unsigned low_bytes = 0;  ///< Of whole numbers: lowest bytes that are nearly always 0; 0..most_low_bytes.

  static constexpr unsigned max_channels = 8, most_exponent = 31, most_low_bytes = 2;
  [[nodiscard]] std::uint64_t packed() const;
  /// Any number gives a layout; valid_sound_layout() says whether it is one.
  [[nodiscard]] static SoundLayout of(std::uint64_t packed);
};
[[nodiscard]] bool valid_sound_layout(std::uint64_t layout);

}  // namespace ssmz::codec
