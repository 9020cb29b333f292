// SPDX-License-Identifier: Apache-2.0
// A distribution of bytes becomes the logits of their bits, and a model of bytes learns as one.
#include "codec/predict/online_byte.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace ssmz::codec {
namespace {

double probability(float logit) { return 1.0 / (1.0 + std::exp(-static_cast<double>(logit))); }

TEST(ByteDistribution, ItsBitsTogetherAreAsLikelyAsTheByte) {
  ByteDistribution distribution;
  float total = 0.0f;
  for (unsigned byte = 0; byte < 256; ++byte)
    total += distribution.bytes()[byte] = 1.0f + float(byte * 7 % 31);
  for (unsigned byte = 0; byte < 256; ++byte) distribution.bytes()[byte] /= total;
  distribution.sum();
  for (unsigned byte = 0; byte < 256; ++byte) {
    double product = 1.0;
    for (unsigned value = 1, depth = 0; depth < 8; ++depth) {
      const unsigned bit = byte >> (7 - depth) & 1u;
      const double one = probability(distribution.logit(value));
      product *= bit ? one : 1.0 - one;
      value = value * 2 + bit;
    }
    EXPECT_NEAR(product, distribution.bytes()[byte], 1e-5);
  }
}

TEST(ByteDistribution, IsFiniteWhereABranchIsImpossible) {
  ByteDistribution distribution;
  distribution.bytes()[0x80] = 1.0f;
  distribution.sum();
  EXPECT_GT(distribution.logit(1), 10.0f);   // the highest bit
  EXPECT_LT(distribution.logit(3), -10.0f);  // the next one
  EXPECT_EQ(distribution.logit(2), 0.0f);    // of what is impossible
}

TEST(OnlineByte, LearnsWhatFollowsAByte) {
  const model::ScopedFloatMode mode;
  model::OnlineConfig config = online_config();
  config.stack = "s6:e16";
  config.d_model = 16;
  config.chunk = 16;
  OnlineByte online(config);
  std::uint8_t byte = 1;
  double bits = 0;
  for (unsigned t = 0; t < 4000; ++t) {
    const std::uint32_t row = byte;
    online.step({&row, 1});
    byte = static_cast<std::uint8_t>(byte * 5 + 3);  // a period of 256 bytes
    for (unsigned value = 1, depth = 0; depth < 8; ++depth) {
      float inputs[OnlineByte::inputs];
      online.predict(value, depth, inputs);
      const unsigned bit = byte >> (7 - depth) & 1u;
      const double one = probability(inputs[0]);
      if (t >= 3000) bits -= std::log2(bit ? one : 1.0 - one);
      online.learn(bit);
      value = value * 2 + bit;
    }
    online.end(byte);
  }
  EXPECT_LT(bits / 1000, 1.0);
}

}  // namespace
}  // namespace ssmz::codec
