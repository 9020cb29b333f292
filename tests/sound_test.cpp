// SPDX-License-Identifier: Apache-2.0
// Sound: its headers, hostile ones above all, what it gains, and the way through the codec.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "codec/audio/sample_scale.hpp"
#include "codec/audio/sound_headers.hpp"
#include "codec/audio/sound_model.hpp"
#include "codec/samples/lms.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::expect_goes_on;
using test::put;
using test::round_trip;

void put(Bytes& out, const char* text) { out.insert(out.end(), text, text + 4); }

Bytes wav_header(std::uint32_t channels, std::uint32_t bits, std::uint32_t size, std::uint32_t tag = 1) {
  Bytes out;
  put(out, "RIFF");
  put(out, size + 36, 4);
  put(out, "WAVE");
  put(out, "fmt ");
  put(out, 16, 4);
  put(out, tag, 2);
  put(out, channels, 2);
  put(out, 44100, 4);
  put(out, 44100 * channels * bits / 8, 4);
  put(out, channels * bits / 8, 2);
  put(out, bits, 2);
  put(out, "data");
  put(out, size, 4);
  return out;
}

Bytes aiff_header(std::uint32_t channels, std::uint32_t bits, std::uint32_t size) {
  Bytes out;
  put(out, "FORM");
  put(out, size + 46, 4, true);
  put(out, "AIFF");
  put(out, "COMM");
  put(out, 18, 4, true);
  put(out, channels, 2, true);
  put(out, size / (channels * bits / 8), 4, true);
  put(out, bits, 2, true);
  put(out, 0, 10);
  put(out, "SSND");
  put(out, size + 8, 4, true);
  put(out, 0, 8);
  return out;
}

Bytes aifc_header(const char* type, std::uint32_t bits) {
  Bytes out;
  put(out, "FORM");
  put(out, 40052, 4, true);
  put(out, "AIFC");
  put(out, "COMM");
  put(out, 24, 4, true);
  put(out, 1, 2, true);
  put(out, 10000, 4, true);
  put(out, bits, 2, true);
  put(out, 0, 10);
  put(out, type);
  put(out, 0, 2);  // an empty name
  put(out, "SSND");
  put(out, 40008, 4, true);
  put(out, 0, 8);
  return out;
}

Bytes au_header(std::uint32_t channels, std::uint32_t encoding, std::uint32_t size) {
  Bytes out;
  put(out, ".snd");
  for (const std::uint32_t number : {24u, size, encoding, 8000u, channels}) put(out, number, 4, true);
  return out;
}

// Two resonances that a little noise excites; the second channel is the first one, weaker, and noise.
Bytes sound_of(std::size_t moments, unsigned channels, unsigned sample_bytes, bool big_endian) {
  const Bytes noise = random_bytes(2 * moments);
  Bytes out;
  double a = 0, b = 0, c = 0, d = 0;
  for (std::size_t i = 0; i < moments; ++i) {
    const double next = 1.96 * a - 0.98 * b + noise[2 * i] - 127.5;
    const double other = 1.6 * c - 0.95 * d + noise[2 * i + 1] - 127.5;
    b = a, a = next, d = c, c = other;
    for (unsigned k = 0; k < channels; ++k) {
      const double value = (k ? 0.6 : 1.0) * a + c + (noise[2 * i + k % 2] & 3u);
      const auto sample = static_cast<std::int64_t>(sample_bytes == 1 ? value / 200 + 128 : value);
      put(out, static_cast<std::uint64_t>(sample), sample_bytes, big_endian);
    }
  }
  return out;
}

// A layout of one channel.
SoundLayout one_of(SampleForm form, unsigned sample_bytes, bool big_endian = false, bool is_signed = false) {
  return {.sample_bytes = sample_bytes, .big_endian = big_endian, .is_signed = is_signed, .form = form};
}

// `samples` of 16 bits as `write` makes them.
template <class Write>
Bytes rewritten(const Bytes& samples, Write&& write) {
  Bytes out;
  for (std::size_t i = 0; i < samples.size(); i += 2)
    write(static_cast<std::int16_t>(samples[i] | samples[i + 1] << 8), out);
  return out;
}

void put_float(Bytes& out, float value, bool big_endian = false) {
  put(out, std::bit_cast<std::uint32_t>(value), 4, big_endian);
}

// A law's codes of loudness: by its own table of sounds, the nearest.
Bytes by_law(const Bytes& samples, SampleForm form) {
  const SampleScale scale(one_of(form, 1));
  return rewritten(samples, [&](int value, Bytes& out) {
    const auto head = static_cast<std::uint32_t>(scale.place(static_cast<float>(value)) + 0.5f);
    out.push_back(static_cast<std::uint8_t>(scale.join({.head = std::min(head, 255u)})));
  });
}

TEST(SoundHeaders, AreReadWhereTheyAreRight) {
  const auto wav = find_sound(joined({wav_header(2, 16, 40000), Bytes(40000)}));
  ASSERT_TRUE(wav);
  EXPECT_EQ(wav->offset, 44u);
  EXPECT_EQ(wav->size, 40000u);
  EXPECT_EQ(wav->unit, 4u);
  EXPECT_EQ(wav->type, (BlockType{BlockKind::sound, SoundLayout{false, 2, false, true, 2}.packed()}));
  const auto eight = find_sound(joined({wav_header(1, 8, 5001), Bytes(5001)}));
  ASSERT_TRUE(eight);
  EXPECT_EQ(eight->type, (BlockType{BlockKind::sound, SoundLayout{false, 1, false, false, 1}.packed()}));
  const auto aiff = find_sound(joined({aiff_header(2, 16, 40000), Bytes(40000)}));
  ASSERT_TRUE(aiff);
  EXPECT_EQ(aiff->offset, 54u);
  EXPECT_EQ(aiff->size, 40000u);
  EXPECT_EQ(aiff->type, (BlockType{BlockKind::sound, SoundLayout{false, 2, true, true, 2}.packed()}));
  const auto au = find_sound(joined({au_header(1, 3, 40000), Bytes(40000)}));
  ASSERT_TRUE(au);
  EXPECT_EQ(au->offset, 24u);
  EXPECT_EQ(au->type, (BlockType{BlockKind::sound, SoundLayout{false, 2, true, true, 1}.packed()}));
  const auto long_wav = find_sound(joined({wav_header(2, 24, 60001), Bytes(60001)}));
  ASSERT_TRUE(long_wav);
  EXPECT_EQ(long_wav->size, 60000u);
  EXPECT_EQ(long_wav->unit, 6u);
  EXPECT_EQ(long_wav->type, (BlockType{BlockKind::sound, SoundLayout{false, 3, false, true, 2}.packed()}));
  const auto long_au = find_sound(joined({au_header(1, 4, 40000), Bytes(40000)}));
  ASSERT_TRUE(long_au);
  EXPECT_EQ(long_au->type, (BlockType{BlockKind::sound, SoundLayout{false, 3, true, true, 1}.packed()}));
  EXPECT_FALSE(find_sound(joined({wav_header(2, 16, 40000, 3), Bytes(40000)}))) << "floats of 16 bits";
  EXPECT_FALSE(find_sound(joined({wav_header(2, 12, 40000), Bytes(40000)})));
  EXPECT_FALSE(find_sound(joined({wav_header(2, 16, 40000, 7), Bytes(40000)}))) << "mu-law of 16 bits";
  EXPECT_FALSE(find_sound(joined({wav_header(2, 4, 40000, 0x11), Bytes(40000)}))) << "ADPCM";
  EXPECT_FALSE(find_sound(joined({au_header(1, 7, 40000), Bytes(40000)}))) << "floats of 64 bits";
}

void expect_layout(const Bytes& header, const SoundLayout& layout) {
  const auto found = find_sound(joined({header, Bytes(40000)}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, (BlockType{BlockKind::sound, layout.packed()}));
  EXPECT_EQ(found->offset, header.size());
}

TEST(SoundHeaders, TellFormsOfSamples) {
  expect_layout(wav_header(1, 8, 40000, 7), one_of(SampleForm::mu_law, 1));
  expect_layout(wav_header(1, 8, 40000, 6), one_of(SampleForm::a_law, 1));
  expect_layout(wav_header(1, 32, 40000, 3), one_of(SampleForm::floating, 4));
  expect_layout(wav_header(1, 32, 40000), one_of(SampleForm::whole, 4, false, true));
  expect_layout(au_header(1, 1, 40000), one_of(SampleForm::mu_law, 1));
  expect_layout(au_header(1, 27, 40000), one_of(SampleForm::a_law, 1));
  expect_layout(au_header(1, 6, 40000), one_of(SampleForm::floating, 4, true));
  expect_layout(au_header(1, 5, 40000), one_of(SampleForm::whole, 4, true, true));
  expect_layout(aifc_header("ulaw", 16), one_of(SampleForm::mu_law, 1));
  expect_layout(aifc_header("ALAW", 16), one_of(SampleForm::a_law, 1));
  expect_layout(aifc_header("fl32", 32), one_of(SampleForm::floating, 4, true));
  expect_layout(aifc_header("sowt", 16), one_of(SampleForm::whole, 2, false, true));
  expect_layout(aifc_header("in32", 32), one_of(SampleForm::whole, 4, true, true));
  EXPECT_FALSE(find_sound(joined({aifc_header("ima4", 16), Bytes(40000)})));
}

TEST(SoundHeaders, ExtensibleFormatsSayTheirForm) {
  Bytes header = wav_header(1, 32, 40000, 0xfffe);
  Bytes more;
  put(more, 22, 2);
  put(more, 32, 2);
  put(more, 0, 4);
  put(more, 3, 2);
  put(more, 0, 14);
  header.insert(header.begin() + 36, more.begin(), more.end());
  header[16] = 40;
  expect_layout(header, one_of(SampleForm::floating, 4));
}

// Most floats are below 1; of whole numbers as floats most are not.
TEST(SoundHeaders, FindHowLargeFloatsAre) {
  const auto exponent = [](float loudest, float outlier) {
    Bytes content = wav_header(1, 32, 40000, 3);
    for (unsigned i = 0; i < 10000; ++i)
      put(content, std::bit_cast<std::uint32_t>(i == 50 ? outlier : loudest / static_cast<float>(i % 7 + 1)),
          4);
    return SoundLayout::of(find_sound(content)->type.layout).exponent;
  };
  EXPECT_EQ(exponent(0.01f, 0.0f), 0u);
  EXPECT_EQ(exponent(0.99f, 0.0f), 0u);
  EXPECT_EQ(exponent(-1.0f, 0.0f), 1u);
  EXPECT_EQ(exponent(32767.0f, 1e30f), 15u);
  EXPECT_EQ(exponent(1e20f, 0.0f), SoundLayout::most_exponent);
  EXPECT_EQ(exponent(0.5f, std::numeric_limits<float>::quiet_NaN()), 0u);
}

TEST(SoundHeaders, FindBytesThatAreEmpty) {
  const auto low_bytes = [](unsigned bytes, bool big_endian, unsigned used) {
    Bytes content = big_endian ? aiff_header(1, 8 * bytes, 40000) : wav_header(1, 8 * bytes, 40000);
    const unsigned below = 8 * (bytes - used);
    for (unsigned i = 0; i < 8000; ++i) put(content, (i * 7919u + 1) << below, bytes, big_endian);
    return SoundLayout::of(find_sound(content)->type.layout).low_bytes;
  };
  for (const bool big_endian : {false, true}) {
    EXPECT_EQ(low_bytes(3, big_endian, 3), 0u);
    EXPECT_EQ(low_bytes(3, big_endian, 2), 1u);
    EXPECT_EQ(low_bytes(3, big_endian, 1), 2u);
    EXPECT_EQ(low_bytes(4, big_endian, 3), 1u);
    EXPECT_EQ(low_bytes(4, big_endian, 2), 2u);
    EXPECT_EQ(low_bytes(3, big_endian, 0), 0u) << "silence";
  }
}

TEST(SoundHeaders, HostileOnesGiveNothingOrAValidLayout) {
  for (const std::uint32_t channels : {0u, 1u, 8u, 9u, 65535u})
    for (const std::uint32_t bits : {0u, 8u, 16u, 24u, 32u, 65535u})
      for (const std::uint32_t size : {0u, 1u, 0x7fffffffu, 0xffffffffu})
        for (const std::uint32_t tag : {0u, 1u, 3u, 6u, 7u, 0xfffeu}) {
          Bytes content = tag                    ? wav_header(channels, bits, size, tag)
                          : channels && bits > 7 ? aiff_header(channels, bits, size)
                                                 : au_header(channels, bits, size);
          content.resize(9000, 3);
          for (std::size_t cut = 0; cut < content.size(); cut += cut < 64 ? 1 : 1489) {
            const auto found = find_sound(std::span(content).first(cut));
            if (!found) continue;
            EXPECT_LT(found->offset, cut);
            EXPECT_GT(found->size, 0u);
            EXPECT_TRUE(valid_sound_layout(found->type.layout));
          }
        }
}

TEST(SoundHeaders, LayoutsArePackedAndUnpacked) {
  for (std::uint64_t packed = 0; packed < 32768; ++packed)
    EXPECT_EQ(SoundLayout::of(packed).packed(), packed);
  const auto valid = [](const SoundLayout& layout) { return valid_sound_layout(layout.packed()); };
  EXPECT_TRUE(valid({true, 4, true, true, 8}));
  EXPECT_TRUE(valid({true, 1, false, false, 8, SampleForm::mu_law}));
  EXPECT_FALSE(valid({false, 2, false, false, 1, SampleForm::mu_law}));
  EXPECT_FALSE(valid({false, 1, true, false, 1, SampleForm::a_law}));
  EXPECT_FALSE(valid({false, 1, false, true, 1, SampleForm::a_law}));
  EXPECT_TRUE(valid({false, 4, true, false, 8, SampleForm::floating, 31}));
  EXPECT_FALSE(valid({false, 4, false, true, 1, SampleForm::floating}));
  EXPECT_FALSE(valid({false, 3, false, false, 1, SampleForm::floating}));
  const auto low = [](unsigned bytes, unsigned low_bytes, SampleForm form = SampleForm::whole) {
    return SoundLayout{.sample_bytes = bytes, .form = form, .low_bytes = low_bytes};
  };
  EXPECT_TRUE(valid(low(2, 1)));
  EXPECT_TRUE(valid(low(4, 2)));
  EXPECT_FALSE(valid(low(1, 1)));
  EXPECT_FALSE(valid(low(4, 3)));
  EXPECT_FALSE(valid(low(1, 1, SampleForm::a_law)));
  EXPECT_FALSE(valid_sound_layout(32768));
}

TEST(SoundRegions, AreFoundAmongOthersAndGoOnInTheNextWindow) {
  const Bytes content =
      joined({text_bytes(5001), wav_header(2, 16, 60000), sound_of(15000, 2, 2, false), text_bytes(5000)});
  expect_goes_on(content, 20001, 5045, 65045, BlockKind::sound);
  const Bytes longer =
      joined({text_bytes(5001), wav_header(2, 24, 60000), sound_of(10000, 2, 3, false), text_bytes(5000)});
  expect_goes_on(longer, 5045 + 15003, 5045, 65045, BlockKind::sound);
  const Bytes telephone =
      joined({text_bytes(5001), wav_header(1, 8, 60000, 7),
              by_law(sound_of(60000, 1, 2, false), SampleForm::mu_law), text_bytes(5000)});
  expect_goes_on(telephone, 20001, 5045, 65045, BlockKind::sound);
}

// As a stream may hold; the frames' own windows are shorter than a block.
TEST(SoundRegions, OfThreeBytesEndBetweenSamples) {
  const Bytes content = joined({wav_header(1, 24, 60000), sound_of(20000, 1, 3, false)});
  for (const std::size_t cut : {20000u, 20001u, 20002u}) {
    RegionFinder finder;
    const auto first = finder.find(std::span(content).first(cut));
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].size % 3, 0u);
    const auto second = finder.find(std::span(content).subspan(cut));
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ((cut + second[0].at - 44) % 3, 0u);
    EXPECT_EQ(second[0].size % 3, 0u);
  }
}

TEST(Sound, ComesBack) {
  round_trip(
      joined({text_bytes(3000), wav_header(2, 16, 20000), sound_of(5000, 2, 2, false), text_bytes(99)}));
  round_trip(joined({aiff_header(1, 16, 20000), sound_of(10000, 1, 2, true)}), 9);
  round_trip(joined({wav_header(1, 8, 9001), sound_of(9001, 1, 1, false)}));
  round_trip(joined({wav_header(8, 16, 1u << 31), sound_of(2000, 8, 2, false)}));  // says more than there is
  round_trip(joined({wav_header(2, 16, 20001), sound_of(5000, 2, 2, false), {7}}));
  round_trip(joined({wav_header(2, 24, 30000), sound_of(5000, 2, 3, false)}));
  round_trip(joined({aiff_header(3, 24, 30001), sound_of(3333, 3, 3, true), {1, 2, 3, 4}}), 9);
}

// Of 16 bits in 24, and of 24.
TEST(Sound, OfThreeBytesIsSmallerThanAsBytes) {
  const Bytes samples = sound_of(10000, 2, 2, false);
  Bytes wide;
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    wide.push_back(0);
    wide.push_back(samples[i]);
    wide.push_back(samples[i + 1]);
  }
  const std::size_t narrow = round_trip(joined({wav_header(2, 16, 40000), samples}));
  EXPECT_LT(round_trip(joined({wav_header(2, 24, 60000), wide})), narrow + 40) << "the third is empty";
  const Bytes noise = random_bytes(wide.size());
  for (std::size_t i = 0; i < wide.size(); i += 3) wide[i] = noise[i];
  EXPECT_LT(round_trip(joined({wav_header(2, 24, 60000), wide})), narrow + 21000);
}

// Of 16 bits in 32, and as floats; what is below them costs as much as it is.
TEST(Sound, OfFourBytesIsNotMuchLargerThanOfTwo) {
  const Bytes samples = sound_of(10000, 2, 2, false);
  const std::size_t narrow = round_trip(joined({wav_header(2, 16, 40000), samples}));
  const Bytes wide =
      rewritten(samples, [](int value, Bytes& out) { put(out, static_cast<std::uint32_t>(value) << 16, 4); });
  EXPECT_LT(round_trip(joined({wav_header(2, 32, 80000), wide})), narrow + 40);
  const Bytes floats =
      rewritten(samples, [](int value, Bytes& out) { put_float(out, static_cast<float>(value) / 32768.0f); });
  EXPECT_LT(round_trip(joined({wav_header(2, 32, 80000, 3), floats})) * 100, narrow * 110);
  const Bytes large =
      rewritten(samples, [](int value, Bytes& out) { put_float(out, static_cast<float>(value)); });
  EXPECT_LT(round_trip(joined({wav_header(2, 32, 80000, 3), large})) * 100, narrow * 110);
  const Bytes coarse =
      rewritten(samples, [](int value, Bytes& out) { put(out, static_cast<unsigned>(value) & 0xfff0, 2); });
  const Bytes small =
      rewritten(samples, [](int value, Bytes& out) { put(out, static_cast<unsigned>(value >> 4), 2); });
  EXPECT_LT(round_trip(joined({wav_header(2, 16, 40000), coarse})) * 100,
            round_trip(joined({wav_header(2, 16, 40000), small})) * 108)
      << "of 12 bits in 16";
  const Bytes noise = random_bytes(wide.size());
  Bytes full = wide;
  for (std::size_t i = 0; i < full.size(); ++i)
    if (i % 4 < 2) full[i] = noise[i];
  EXPECT_LT(round_trip(joined({wav_header(2, 32, 80000), full})), narrow + 42000);
}

// Silence, what is beyond full scale, and what is no number.
TEST(Sound, OfAnyFloatsComesBack) {
  Bytes floats = rewritten(sound_of(6000, 1, 2, false), [](int value, Bytes& out) {
    put_float(out, value % 5 ? static_cast<float>(value) / 30000.0f : 0.0f, true);
  });
  const std::size_t clean = round_trip(joined({au_header(1, 6, 24000), floats}));
  const Bytes noise = random_bytes(400);
  std::copy(noise.begin(), noise.end(), floats.begin() + 8000);
  EXPECT_LT(round_trip(joined({au_header(1, 6, 24000), floats})), clean + 2200);
  for (std::size_t i = 12000; i < 16000; i += 4) floats[i] = 0x7f, floats[i + 1] = 0xc0;
  round_trip(joined({au_header(1, 6, 24000), floats}), 3);
}

TEST(Sound, OfTelephonesIsSmallerThanAsBytes) {
  const Bytes samples = sound_of(20000, 1, 2, false);
  for (const auto& [form, tag] : {std::pair{SampleForm::mu_law, 7u}, {SampleForm::a_law, 6u}}) {
    const Bytes codes = by_law(samples, form);
    const std::size_t sound = round_trip(joined({wav_header(1, 8, 20000, tag), codes}));
    const std::size_t bytes = round_trip(joined({wav_header(1, 8, 20000, 0x55), codes}));
    EXPECT_LT(sound * 100, bytes * 90);
  }
}

// As bytes it takes 17 % more and above.
TEST(Sound, IsSmallerThanAsBytes) {
  const Bytes samples = sound_of(10000, 2, 2, false);
  const std::size_t sound = round_trip(joined({wav_header(2, 16, 40000), samples}));
  const std::size_t bytes = round_trip(joined({wav_header(2, 16, 40000, 3), samples}));
  EXPECT_LT(sound * 100, bytes * 85);
}

// A copy is 16 KiB or more; sound goes on behind it with the channel that is next.
TEST(Sound, GoesOnBehindWhatIsCopied) {
  const Bytes a = sound_of(6000, 2, 2, false), silence(80000, 0);
  const std::size_t plain = round_trip(joined({wav_header(2, 16, 48000), a, a}));
  const std::size_t with_silence = round_trip(joined({wav_header(2, 16, 128000), a, silence, a}));
  EXPECT_LT(with_silence, plain + 60);
  round_trip(joined({wav_header(2, 16, 1u << 20), silence, a, {0, 0, 0}, silence, a}), 3);
  Bytes tone;
  for (unsigned i = 0; i < 60000; ++i)
    put(tone, static_cast<std::uint16_t>(9000 * std::sin(i % 441 * 0.0142475)), 2);
  EXPECT_LT(round_trip(joined({wav_header(1, 16, 120000), tone})), 900u);
}

TEST(Sound, FastLevelsTakeLittleMore) {
  const Bytes sound = joined({wav_header(2, 16, 40000), sound_of(10000, 2, 2, false)});
  const std::size_t usual = round_trip(sound, 5);
  EXPECT_LT(round_trip(sound, 1) * 100, usual * 104);
  EXPECT_LT(round_trip(sound, 3) * 100, usual * 103);
}

TEST(Sound, NoiseUnderAHeaderIsStored) {
  EXPECT_LT(round_trip(joined({wav_header(2, 16, 70000), random_bytes(70000)})), 70300u);
}

TEST(LmsFilter, FindsALinearSource) {
  LmsFilter filter(8, 0.01f);
  const Bytes noise = random_bytes(40000);
  float last = 0.0f, sum = 0.0f;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const float value = static_cast<float>(noise[i]) - 128.0f;
    const float miss = filter.predict() - 0.5f * last;
    if (i + 1000 > noise.size()) sum += miss < 0.0f ? -miss : miss;
    filter.update(0.5f * last, value);
    last = value;
  }
  EXPECT_LT(sum / 1000.0f, 0.5f);
}

}  // namespace
}  // namespace ssmz::codec
