// SPDX-License-Identifier: Apache-2.0
// Arrays of floats are found, their numbers expected, and whatever comes instead is survived.
#include "codec/bytes/float_forecast.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "codec/bytes/byte_state.hpp"
#include "codec/levels/level_models.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using test::Bytes;

std::uint32_t ibm_word(double value) {
  double size = std::fabs(value);
  unsigned exponent = 64;
  for (; size >= 1.0; size /= 16.0) ++exponent;
  for (; size != 0.0 && size < 1.0 / 16.0; size *= 16.0) --exponent;
  return (value < 0.0 ? 0x80000000u : 0u) | exponent << 24 | static_cast<std::uint32_t>(size * 16777216.0);
}

std::uint32_t ieee_word(double value) { return std::bit_cast<std::uint32_t>(static_cast<float>(value)); }

// Two waves and noise, in sixteenths.
template <class WordOf>
Bytes waves(std::size_t count, WordOf&& word_of) {
  std::mt19937 random(3);
  Bytes bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i), noise = static_cast<double>(random() >> 22) - 512.0;
    const double value = 900.0 * std::sin(at * 0.31) + 300.0 * std::sin(at * 0.083) + noise * 0.002;
    const std::uint32_t word = word_of(std::floor(value * 16.0) / 16.0);
    for (unsigned shift = 32; shift > 0; shift -= 8)
      bytes.push_back(static_cast<std::uint8_t>(word >> (shift - 8)));
  }
  return bytes;
}

struct Told {
  std::size_t active = 0;  // bytes
  double bits = 0.0;       // that the first predictor's inputs would cost, of active bytes
  bool sane = true;        // all inputs are numbers that a mixer can take
};

Told told_of(FloatForecast& forecast, const Bytes& bytes) {
  Told told;
  for (const std::uint8_t byte : bytes) {
    told.active += forecast.active();
    unsigned value = 1;
    for (unsigned depth = 0; depth < 8; ++depth) {
      std::array<float, FloatForecast::inputs> inputs{};
      forecast.predict(value, depth, inputs.data());
      for (const float input : inputs) told.sane = told.sane && std::fabs(input) < 16.0f;
      const unsigned bit = byte >> (7 - depth) & 1u;
      const double logit = static_cast<double>(inputs[0]);
      if (forecast.active()) told.bits += std::log2(1.0 + std::exp(bit ? -logit : logit));
      value = value * 2 + bit;
    }
    forecast.push(byte);
  }
  return told;
}

Told told_of(const Bytes& bytes) {
  FloatForecast forecast;
  return told_of(forecast, bytes);
}

TEST(FloatForecast, ExpectsNumbersOfBothFormats) {
  const Bytes ibm = waves(4000, ibm_word), ieee = waves(4000, ieee_word);
  for (const Bytes& bytes : {ibm, ieee}) {
    const Told told = told_of(bytes);
    EXPECT_GT(told.active, bytes.size() * 9 / 10);
    EXPECT_TRUE(told.sane);
    // The noise is 5 bits; of 32 the forecast does not know that the lowest 12 or so are 0.
    EXPECT_LT(told.bits / static_cast<double>(told.active) * 4.0, 21.0);
  }
}

TEST(FloatForecast, FindsThemAtEachPlaceOfFour) {
  const Bytes numbers = waves(1000, ibm_word);
  for (std::size_t before = 0; before < 4; ++before) {
    FloatForecast forecast;
    static_cast<void>(told_of(forecast, test::joined({Bytes(before, 0), numbers})));
    ASSERT_TRUE(forecast.active()) << before;
    EXPECT_EQ(forecast.part(), 0u);
    const std::uint32_t last = std::uint32_t{numbers[3996]} << 24 | std::uint32_t{numbers[3997]} << 16 |
                               std::uint32_t{numbers[3998]} << 8 | numbers[3999];
    EXPECT_EQ(forecast.number(1), last);
  }
}

TEST(FloatForecast, FindsNoneWhereThereAreNone) {
  EXPECT_EQ(told_of(test::text_bytes(20000)).active, 0u);
  EXPECT_EQ(told_of(test::random_bytes(20000)).active, 0u);
  EXPECT_EQ(told_of(test::record_bytes(20000)).active, 0u);
  EXPECT_EQ(told_of(test::squares_bytes(20000)).active, 0u);
  EXPECT_EQ(told_of(Bytes(20000, 0x42)).active, 0u);
}

// Relocations of Windows programs, 16 bits of which the highest four are 3, and pointers near each other.
TEST(FloatForecast, TablesOfProgramsAreNoFloats) {
  std::mt19937 random(6);
  Bytes relocations, pointers;
  std::uint32_t pointer = 0x1e590000;
  for (unsigned i = 0; i < 10000; ++i) {
    relocations.push_back(static_cast<std::uint8_t>(random() >> 13));
    relocations.push_back(static_cast<std::uint8_t>(0x30 + i / 20 % 16));
    pointer += static_cast<std::uint32_t>(random() % 4 * 4);
    for (unsigned k = 0; k < 4; ++k) pointers.push_back(static_cast<std::uint8_t>(pointer >> 8 * k));
  }
  EXPECT_LT(told_of(relocations).active, relocations.size() / 50);
  EXPECT_LT(told_of(pointers).active, pointers.size() / 50);
}

TEST(FloatForecast, LeavesAnArrayThatHasEnded) {
  FloatForecast forecast;
  static_cast<void>(told_of(forecast, waves(1000, ieee_word)));
  ASSERT_TRUE(forecast.active());
  static_cast<void>(told_of(forecast, test::text_bytes(400)));
  EXPECT_FALSE(forecast.active());
}

// Infinities, what is no number, the greatest and the least, zeros: within an array and where one begins.
TEST(FloatForecast, SaysSaneThingsOfWhatIsNoNumber) {
  constexpr std::uint32_t words[] = {0xffffffffu, 0x7f800000u, 0u, 0x80000000u, 1u, 0x00ffffffu, 0x7fffffffu};
  for (const auto word_of : {ibm_word, ieee_word}) {
    FloatForecast forecast;
    std::mt19937 random(1);
    for (unsigned turn = 0; turn < 40; ++turn) {
      Bytes bytes = waves(100, word_of);
      for (unsigned k = 0; k < 4; ++k)
        for (unsigned shift = 32; shift > 0; shift -= 8)
          bytes.push_back(static_cast<std::uint8_t>(words[random() % std::size(words)] >> (shift - 8)));
      ASSERT_TRUE(told_of(forecast, bytes).sane) << turn;
    }
    EXPECT_TRUE(forecast.active());
  }
}

TEST(FloatForecast, ALongRepeatEndsAnArray) {
  ByteState state(12, true, true);
  for (const std::uint8_t byte : waves(1000, ibm_word)) state.push(byte);
  ASSERT_NE(state.floats(), nullptr);
  for (unsigned i = 0; i < 6; ++i) state.pass(0x42);
  EXPECT_EQ(state.floats(), nullptr);
  for (const std::uint8_t byte : waves(200, ibm_word)) state.push(byte);
  ASSERT_NE(state.floats(), nullptr);
  EXPECT_EQ(state.floats()->part(), 0u);
}

// Both ways, and for less than the level that has the same contexts but looks for no floats.
TEST(FloatForecast, MakesArraysSmaller) {
  const Bytes numbers = waves(3000, ibm_word);
  EXPECT_LT(test::packed_size(numbers, 8), test::packed_size(numbers, 7) * 95 / 100);
}

}  // namespace
}  // namespace ssmz::codec
