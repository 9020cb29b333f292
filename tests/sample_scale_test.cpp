// SPDX-License-Identifier: Apache-2.0
// Samples as models of sound see them: the laws of G.711, and floats.
#include "codec/audio/sample_scale.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <utility>

#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

// A layout of one channel.
SoundLayout one_of(SampleForm form, unsigned sample_bytes, bool big_endian = false, bool is_signed = false) {
  return {.sample_bytes = sample_bytes, .big_endian = big_endian, .is_signed = is_signed, .form = form};
}

// Values of ITU-T G.711, tables 1 and 2, as 16 bits.
TEST(SampleScale, HasTheSoundsOfG711) {
  const auto sound = [](SampleForm form, std::uint32_t code) {
    const SampleScale scale(one_of(form, 1));
    return scale.sound(scale.split(code).head);
  };
  for (const auto& [code, value] : {std::pair{0x80u, 32124.0f},
                                    {0x00u, -32124.0f},
                                    {0xffu, 0.0f},
                                    {0x7fu, 0.0f},
                                    {0xf0u, 120.0f},
                                    {0x8fu, 16764.0f}})
    EXPECT_EQ(sound(SampleForm::mu_law, code), value) << code;
  for (const auto& [code, value] : {std::pair{0xaau, 32256.0f},
                                    {0x2au, -32256.0f},
                                    {0xd5u, 8.0f},
                                    {0x55u, -8.0f},
                                    {0xc5u, 264.0f},
                                    {0x85u, 4224.0f}})
    EXPECT_EQ(sound(SampleForm::a_law, code), value) << code;
}

TEST(SampleScale, RisesWithTheSoundAndFindsItsPlace) {
  for (const SampleForm form : {SampleForm::mu_law, SampleForm::a_law}) {
    const SampleScale scale(one_of(form, 1));
    for (std::uint32_t head = 0; head < 256; ++head) {
      EXPECT_EQ(scale.split(scale.join({head})).head, head);
      if (head > 0) {
        EXPECT_GE(scale.sound(head), scale.sound(head - 1));
      }
      const float nearest = scale.sound(head) == 0.0f ? 128.0f : static_cast<float>(head);
      EXPECT_EQ(scale.place(scale.sound(head)), nearest);
    }
    EXPECT_GT(scale.place(100000.0f), 255.0f);
    EXPECT_LT(scale.place(-100000.0f), 0.0f);
  }
}

TEST(SampleScale, SplitsAnyFloat) {
  const ssmz::test::Bytes noise = ssmz::test::random_bytes(40000);
  for (const unsigned exponent : {0u, 1u, 15u, 31u}) {
    SoundLayout layout = one_of(SampleForm::floating, 4);
    layout.exponent = exponent;
    const SampleScale scale(layout);
    const auto expect_comes_back = [&](std::uint32_t bits) {
      const SplitSample parts = scale.split(bits);
      ASSERT_LT(parts.head, 1u << scale.head_bits()) << bits;
      const unsigned rest_bits = scale.rest_bits(parts.head);
      if (rest_bits < 32) {
        ASSERT_EQ(parts.rest >> rest_bits, 0u) << bits;
        const float sound =
            std::bit_cast<float>(bits) * static_cast<float>(1u << 23) / static_cast<float>(1u << exponent);
        ASSERT_LT(std::abs(sound - scale.sound(parts.head)), 1.0f) << bits;
      }
      ASSERT_EQ(scale.join(parts), bits);
    };
    for (std::size_t i = 0; i + 4 <= noise.size(); i += 4) {
      std::uint32_t bits = 0;
      for (unsigned k = 0; k < 4; ++k) bits = bits << 8 | noise[i + k];
      expect_comes_back(bits);
      // Around full scale and around the least unit, either sign.
      expect_comes_back((bits & 0x807fffffu) | (127 + exponent - bits / 256 % 28) << 23);
    }
    for (const std::uint32_t bits :
         {0u, 0x80000000u, 1u, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0x3f800000u, 0xbf7fffffu})
      expect_comes_back(bits);
  }
}

}  // namespace
}  // namespace ssmz::codec
