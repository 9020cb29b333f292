// SPDX-License-Identifier: Apache-2.0
// Sound without headers, in soundfonts, and made from shorter samples.
#include "codec/audio/raw_sound.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "codec/audio/sample_grain.hpp"
#include "codec/audio/sound_headers.hpp"
#include "codec/audio/sound_layout.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::put;
using test::round_trip;

/// A tone that fades and begins again, with some noise: 16 bits.
std::vector<int> tone(std::size_t count, double loud = 12000.0) {
  const Bytes noise = random_bytes(count);
  std::vector<int> samples;
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i % 6000), fade = std::exp(-t / 4000.0);
    samples.push_back(static_cast<int>(loud * fade * (std::sin(t * 0.05) + 0.5 * std::sin(t * 0.131))) +
                      noise[i] % 16);
  }
  return samples;
}

Bytes as_bytes(const std::vector<int>& samples, unsigned size, bool big_endian = false) {
  Bytes out;
  for (const int sample : samples)
    put(out, static_cast<unsigned>(sample) >> (16 - std::min(16u, 8 * size)), size, big_endian);
  return out;
}

std::size_t sound_in(const Bytes& content, SoundLayout layout) {
  std::size_t size = 0;
  for (const Region& sound : find_raw_sound(content))
    if (sound.type == BlockType{BlockKind::sound, layout.packed()}) size += sound.size;
  return size;
}

TEST(RawSound, IsFoundAtAnyPlaceAndOfAnyForm) {
  const Bytes little = as_bytes(tone(40000), 2), big = as_bytes(tone(40000), 2, true);
  const SoundLayout form{.sample_bytes = 2, .is_signed = true};
  SoundLayout reversed = form;
  reversed.big_endian = true;
  for (const std::size_t before : {0u, 1u, 20001u}) {
    EXPECT_GT(sound_in(joined({text_bytes(before), little, text_bytes(9000)}), form), 60000u) << before;
    EXPECT_GT(sound_in(joined({text_bytes(before), big, text_bytes(9000)}), reversed), 60000u) << before;
  }
  EXPECT_GT(sound_in(as_bytes(tone(40000), 1), {.is_signed = true}), 30000u);
  Bytes stereo;
  const std::vector<int> left = tone(30000), right = tone(30000, 5000.0);
  for (std::size_t i = 0; i < left.size(); ++i) {
    put(stereo, static_cast<unsigned>(left[i]), 2);
    put(stereo, static_cast<unsigned>(right[29999 - i]), 2);
  }
  EXPECT_GT(sound_in(stereo, {.sample_bytes = 2, .is_signed = true, .channels = 2}), 80000u);
}

TEST(RawSound, IsNotFoundInOtherThings) {
  EXPECT_TRUE(find_raw_sound(text_bytes(100000)).empty());
  EXPECT_TRUE(find_raw_sound(random_bytes(100000)).empty());
  EXPECT_TRUE(find_raw_sound(Bytes(100000)).empty());
  Bytes rising;  // a table of numbers, none of which is below 0
  for (unsigned i = 0; i < 30000; ++i) put(rising, i + i % 3, 2);
  EXPECT_TRUE(find_raw_sound(rising).empty());
  EXPECT_TRUE(find_raw_sound({}).empty());
}

TEST(RawSound, IsSmallerThanAsBytes) {
  const Bytes content = joined({text_bytes(3001), as_bytes(tone(40000), 2), text_bytes(3000)});
  const std::size_t size = round_trip(content);
  EXPECT_LT(size, 34000u);
  EXPECT_LT(round_trip(as_bytes(tone(60001), 1)), 25000u);
}

TEST(Soundfont, HoldsSound) {
  Bytes content;
  const Bytes samples = as_bytes(tone(20000), 2);
  put(content, 0x46464952, 4);  // RIFF
  put(content, 60 + samples.size(), 4);
  put(content, 0x6b626673, 4);  // sfbk
  put(content, 0x5453494c, 4);  // LIST
  put(content, 12, 4);
  put(content, 0x4f464e49, 4);  // INFO
  put(content, 0, 8);
  put(content, 0x5453494c, 4);
  put(content, 12 + samples.size(), 4);
  put(content, 0x61746473, 4);  // sdta
  put(content, 0x6c706d73, 4);  // smpl
  put(content, samples.size(), 4);
  const std::size_t front = content.size();
  content.insert(content.end(), samples.begin(), samples.end());
  const std::optional<FoundRegion> found = find_sound(content);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, front);
  EXPECT_EQ(found->size, samples.size());
  EXPECT_EQ(found->type.layout, (SoundLayout{.sample_bytes = 2, .is_signed = true}.packed()));
  for (std::size_t cut = 0; cut < front; ++cut)
    EXPECT_FALSE(find_sound(std::span(content).first(cut))) << cut;
}

TEST(SampleGrain, IsWhatHeadsAreNearMultiplesOf) {
  const auto step_of = [](unsigned bits, auto&& head) {
    SampleGrain grain(bits, false);
    for (unsigned i = 0; i < 200; ++i) grain.note(head(i) & ((1u << bits) - 1));
    return std::pair(grain.step(), grain.noisy());
  };
  const auto of = [](std::uint32_t step, bool noisy) { return std::pair(step, noisy); };
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u; }), of(1, false));
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u * 16; }), of(16, false));
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u * 256; }), of(256, false));
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u * 256 + i % 5 - 2; }), of(256, true));
  EXPECT_EQ(step_of(24, [](unsigned i) { return i * 7919u * 65536 + i % 3 - 1; }), of(65536, true));
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u * 64 + i % 3; }), of(64, true));
  EXPECT_EQ(step_of(16, [](unsigned i) { return i * 7919u * 64 + (i % 4 ? 0 : 17); }), of(1, false));
  EXPECT_EQ(step_of(8, [](unsigned i) { return i * 7919u; }), of(1, false));
  SampleGrain companded(8, true);
  for (unsigned i = 0; i < 200; ++i) companded.note(i / 2 * 2);
  EXPECT_EQ(companded.step(), 1u);
}

// Eight bits in sixteen cost little more, with noise as much as the noise does: two bits.
TEST(SampleGrain, OfNoisySamplesPays) {
  const std::vector<int> samples = tone(30000);
  Bytes header;  // of AU
  for (const std::uint32_t field : {0x2e736e64u, 24u, 60000u, 3u, 8000u, 1u}) put(header, field, 4, true);
  Bytes short_ones, noisy;
  const Bytes noise = random_bytes(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    put(short_ones, static_cast<unsigned>(samples[i] >> 8 << 8), 2, true);
    put(noisy, static_cast<unsigned>((samples[i] >> 8 << 8) + noise[i] % 3 - 1), 2, true);
  }
  const SoundLayout layout{.sample_bytes = 2, .big_endian = true, .is_signed = true};
  EXPECT_TRUE(have_noisy_grain(layout, noisy));
  EXPECT_FALSE(have_noisy_grain(layout, short_ones));
  EXPECT_FALSE(have_noisy_grain(layout, as_bytes(samples, 2, true)));
  EXPECT_LT(round_trip(joined({header, noisy})), round_trip(joined({header, short_ones})) + 6600);
}

}  // namespace
}  // namespace ssmz::codec
