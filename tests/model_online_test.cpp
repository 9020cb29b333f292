// SPDX-License-Identifier: Apache-2.0
// The online model: learns, and gives the same bits for any thread count and kernel path.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "model/base/math.hpp"
#include "model/online/online_model.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {
namespace {

OnlineConfig small_config() {
  OnlineConfig config;
  config.layers = all_layers();
  config.stack = "s6:e32,n4 | mlp:32";
  config.d_model = 32;
  config.embedding_rows = 300;
  config.head_nodes = 16;
  config.chunk = 16;
  config.replay_chunks = 7;
  return config;
}

/// Streams symbols of four bits, which repeat with a period, through the model. `code(model, symbol)`
/// predicts and records one, and returns its cost; of the last half the mean is left in `bits`.
template <class Code>
void over_symbols(const OnlineConfig& config, std::size_t tokens, unsigned period, double* bits, Code code) {
  const ScopedFloatMode mode;
  auto created = OnlineModel::create(config);
  EXPECT_TRUE(created.ok());
  OnlineModel& model = *created.value();
  Random random(5);
  std::vector<unsigned> pattern;
  for (unsigned i = 0; i < period; ++i) pattern.push_back(random.below(16));
  double cost = 0;
  for (std::size_t t = 0; t < tokens; ++t) {
    const unsigned symbol = pattern[t % period];
    const double of_symbol = code(model, symbol);
    if (t >= tokens / 2) cost += of_symbol;
    const std::uint32_t rows[2] = {symbol, 16 + static_cast<std::uint32_t>(t) % 250};
    model.step({rows, 2}, 1.0f);
  }
  if (bits != nullptr) *bits = cost / static_cast<double>(tokens - tokens / 2);
}

/// All logits of a model of decisions.
std::vector<std::uint32_t> stream(const OnlineConfig& config, std::size_t tokens, unsigned period,
                                  double* bits = nullptr) {
  std::vector<std::uint32_t> logits;
  over_symbols(config, tokens, period, bits, [&](OnlineModel& model, unsigned symbol) {
    double cost = 0;
    unsigned node = 1;
    for (int shift = 3; shift >= 0; --shift) {
      const unsigned bit = symbol >> shift & 1u;
      const float logit = model.logit(node);
      logits.push_back(std::bit_cast<std::uint32_t>(logit));
      const double p = sigmoid(logit);
      cost -= std::log2(bit != 0 ? p : 1 - p);
      model.record(node, bit, 1.0f, sigmoid(logit) - static_cast<float>(bit));
      node = node * 2 + bit;
    }
    return cost;
  });
  return logits;
}

TEST(ModelOnline, LearnsARepeatedPattern) {
  double bits = 0;
  stream(small_config(), 6000, 23, &bits);
  EXPECT_LT(bits, 0.2);
}

TEST(ModelOnline, WorkerThreadGivesTheBitsOfInlineTraining) {
  OnlineConfig config = small_config();
  const auto expected = stream(config, 1000, 97);
  config.threads = 2;
  EXPECT_EQ(stream(config, 1000, 97), expected);
  EXPECT_EQ(stream(config, 1000, 97), expected);
}

TEST(ModelOnline, AllKernelPathsGiveEqualBits) {
  OnlineConfig config = small_config();
  config.external_share = 0.5f;
  config.decay_chunks = 10;
  config.kernels = kernels_for("scalar");
  const auto expected = stream(config, 700, 97);
  for (const char* path : {"avx2", "avx512", "neon"}) {
    config.kernels = kernels_for(path);
    if (config.kernels != nullptr) {
      EXPECT_EQ(stream(config, 700, 97), expected) << path;
    }
  }
}

OnlineConfig symbol_config() {
  OnlineConfig config = small_config();
  config.symbols = true;
  return config;
}

/// All distributions of a model of symbols.
std::vector<std::uint32_t> stream_symbols(const OnlineConfig& config, std::size_t tokens, unsigned period,
                                          double* bits = nullptr) {
  std::vector<std::uint32_t> all;
  over_symbols(config, tokens, period, bits, [&](OnlineModel& model, unsigned symbol) {
    std::vector<float> distribution(config.head_nodes);
    model.distribution(distribution.data());
    for (const float p : distribution) all.push_back(std::bit_cast<std::uint32_t>(p));
    EXPECT_TRUE(model.record(symbol, 1));
    return -std::log2(double{distribution[symbol]});
  });
  return all;
}

TEST(ModelOnline, LearnsARepeatedPatternOfSymbols) {
  double bits = 0;
  stream_symbols(symbol_config(), 6000, 23, &bits);
  EXPECT_LT(bits, 0.2);
}

TEST(ModelOnline, SymbolsAreOneDistributionOfEqualBitsOnAllPathsAndThreads) {
  OnlineConfig config = symbol_config();
  config.kernels = kernels_for("scalar");
  const auto expected = stream_symbols(config, 400, 97);
  for (std::size_t t = 0; t < 400; ++t) {
    double sum = 0;
    for (std::size_t i = 0; i < 16; ++i) sum += std::bit_cast<float>(expected[t * 16 + i]);
    ASSERT_NEAR(sum, 1.0, 1e-5);
  }
  for (const char* path : {"avx2", "avx512", "neon"}) {
    config.kernels = kernels_for(path);
    if (config.kernels != nullptr) {
      EXPECT_EQ(stream_symbols(config, 400, 97), expected) << path;
    }
  }
  config.kernels = nullptr;
  config.threads = 2;
  EXPECT_EQ(stream_symbols(config, 400, 97), expected);
}

TEST(ModelOnline, SymbolsStayADistributionAtAbsurdLearningRates) {
  OnlineConfig config = symbol_config();
  config.learning_rate = 1.0f;
  config.embedding_rate = config.head_rate = 1e6f;
  config.clip = 0.0f;
  for (const std::uint32_t bits : stream_symbols(config, 600, 97)) {
    const float p = std::bit_cast<float>(bits);
    ASSERT_TRUE(p >= 0.0f && p <= 1.0f);
  }
}

TEST(ModelOnline, LearnsWithoutMomentumByTheRowsOwnCounts) {
  OnlineConfig config = small_config();
  config.beta1 = 0.0f;
  config.beta2 = 0.999f;
  config.row_counts = true;
  double bits = 0;
  stream(config, 6000, 23, &bits);
  EXPECT_LT(bits, 0.2);
  EXPECT_LT(OnlineModel::memory_needed(config), OnlineModel::memory_needed(small_config()));
}

// The first step of a row is the rate, whenever it comes; the second goes by the mean of two squares.
TEST(ModelOnline, RowsOwnCountsMakeTheFirstStepsOfARowTheRateInSize) {
  SparseTable table(4, 16, {}, {.momentum = false, .counts = true});
  const AdamStep step{0.0f, 0.999f, 0.01f, 100.0f, 1e-16f, 1.0f};
  const auto update = [&](float gradient) {
    table.start_chunk();
    table.touch(2);
    table.finish_touching();
    std::fill_n(table.gradient(2), 16, gradient);
    table.adam(kernels(), step);
    return table.weight(2)[5];
  };
  EXPECT_NEAR(update(3.0f), -0.01f, 1e-6f);
  EXPECT_NEAR(update(-1.0f), -0.01f + 0.01f / std::sqrt(5.0f), 1e-6f);  // mean of 9 and 1
  EXPECT_EQ(table.weight(1)[5], 0.0f);
}

TEST(ModelOnline, SaysWhatAStackNeedsOrWhyItIsRefusedBeforeMakingIt) {
  OnlineConfig config = small_config();
  EXPECT_EQ(OnlineModel::requirement(config).value(), OnlineModel::memory_needed(config));
  config.stack = "gdn:h64,dk256,dv512 | swa:w4096";
  config.d_model = 1024;
  EXPECT_GT(OnlineModel::requirement(config).value(), std::uint64_t{1} << 30);
  config.stack = "s6 | nosuch";
  EXPECT_EQ(OnlineModel::requirement(config).failure().position, 5u);
}

TEST(ModelOnline, LoadsWeightsOfTheSameStackSpelledOtherwise) {
  OnlineConfig config = small_config();
  const auto bytes = OnlineModel::create(config).value()->save_weights();
  config.stack = "s6:e32,n4|mlp : 32";
  EXPECT_FALSE(OnlineModel::create(config).value()->load_weights(bytes).has_value());
}

TEST(ModelOnline, SeedAndReplayChangeTheResult) {
  OnlineConfig config = small_config();
  const auto first = stream(config, 500, 97);
  config.seed = 2;
  EXPECT_NE(stream(config, 500, 97), first);
  config.seed = 1;
  config.replay = 0;
  EXPECT_NE(stream(config, 500, 97), first);
}

TEST(ModelOnline, UpdatesComeIntoForceOneChunkAfterTheirChunk) {
  OnlineConfig config = small_config();
  auto created = OnlineModel::create(config);
  OnlineModel& model = *created.value();
  const std::uint32_t row = 3;
  for (std::size_t t = 0; t < 2 * config.chunk; ++t) {
    model.step({&row, 1});
    EXPECT_EQ(model.logit(1), 0.0f) << t;  // head rows start at zero
    model.record(1, 1);
  }
  model.step({&row, 1});
  EXPECT_NE(model.logit(1), 0.0f);
}

TEST(ModelOnline, HeadBiasIsTheFirstLogit) {
  auto created = OnlineModel::create(small_config());
  OnlineModel& model = *created.value();
  model.set_head_bias(4, -1.5f);
  EXPECT_EQ(model.logit(4), -1.5f);
  const std::uint32_t row = 0;
  model.record(4, 1);  // before the first step: no target
  model.step({&row, 1});
  EXPECT_EQ(model.logit(4), -1.5f);
  EXPECT_EQ(model.logit(5), 0.0f);
}

TEST(ModelOnline, HeadBiasMayBeSetAgainOnceItsLogitWasAsked) {
  auto created = OnlineModel::create(small_config());
  OnlineModel& model = *created.value();
  model.set_head_bias(4, -1.5f);
  EXPECT_EQ(model.logit(4), -1.5f);
  model.set_head_bias(4, 2.0f);
  EXPECT_EQ(model.logit(4), 2.0f);
}

TEST(ModelOnline, TrainingStartsFromTheHeadBias) {
  OnlineConfig config = small_config();
  auto created = OnlineModel::create(config);
  OnlineModel& model = *created.value();
  model.set_head_bias(4, 3.0f);
  const std::uint32_t row = 3;
  for (std::size_t t = 0; t <= 2 * config.chunk; ++t) {
    model.step({&row, 1});
    model.record(4, 0);
  }
  EXPECT_LT(model.logit(4), 3.0f);
  EXPECT_GT(model.logit(4), 2.0f);  // one update from 3, not from 0
}

/// Steps `count` symbols through and returns the bits of a few logits after each.
std::vector<std::uint32_t> walk(OnlineModel& model, unsigned count) {
  std::vector<std::uint32_t> logits;
  for (std::uint32_t t = 0; t < count; ++t) {
    const std::uint32_t row = t * 7 % 16;
    model.step({&row, 1});
    for (std::uint32_t node = 1; node < 16; ++node) {
      logits.push_back(std::bit_cast<std::uint32_t>(model.logit(node)));
      model.record(node, t % 3 == 0);
    }
  }
  return logits;
}

TEST(ModelOnline, CloneGoesOnAsTheOriginalWould) {
  for (int threads : {1, 2}) {
    OnlineConfig config = small_config();
    config.threads = threads;
    auto original = OnlineModel::create(config);
    walk(*original.value(), 123);
    auto copy = original.value()->clone();
    ASSERT_TRUE(copy.ok());
    const auto expected = walk(*original.value(), 100);
    EXPECT_EQ(walk(*copy.value(), 100), expected);
  }
}

TEST(ModelOnline, LoadedWeightsGiveTheSavedModelsBits) {
  OnlineConfig config = small_config();
  auto saved = OnlineModel::create(config);
  walk(*saved.value(), 200);
  const auto bytes = saved.value()->save_weights();
  config.seed = 99;
  auto loaded = OnlineModel::create(config);
  walk(*loaded.value(), 37);
  ASSERT_FALSE(loaded.value()->load_weights(bytes).has_value());
  for (OnlineModel* model : {saved.value().get(), loaded.value().get()}) {
    model->set_learning(false);
    model->reset_state();
  }
  EXPECT_EQ(walk(*loaded.value(), 50), walk(*saved.value(), 50));
  EXPECT_EQ(loaded.value()->save_weights(), bytes);
}

TEST(ModelOnline, WeightsOfAnotherShapeAreRefused) {
  auto model = OnlineModel::create(small_config());
  const auto bytes = model.value()->save_weights();
  OnlineConfig other = small_config();
  other.head_nodes = 17;
  EXPECT_TRUE(OnlineModel::create(other).value()->load_weights(bytes).has_value());
  other = small_config();
  other.stack = "s6:e32,n4";
  EXPECT_TRUE(OnlineModel::create(other).value()->load_weights(bytes).has_value());
}

TEST(ModelOnline, LearningCanBeSwitchedOff) {
  auto model = OnlineModel::create(small_config());
  model.value()->set_learning(false);
  const auto before = model.value()->save_weights();
  walk(*model.value(), 100);
  EXPECT_EQ(model.value()->save_weights(), before);
  model.value()->set_learning(true);
  walk(*model.value(), 100);
  EXPECT_NE(model.value()->save_weights(), before);
}

TEST(ModelOnline, LogitsStayFiniteAtAbsurdLearningRates) {
  OnlineConfig config = small_config();
  config.learning_rate = 1.0f;
  config.embedding_rate = config.head_rate = 1e6f;
  config.clip = 0.0f;
  for (const std::uint32_t bits : stream(config, 600, 97)) {
    const float logit = std::bit_cast<float>(bits);
    ASSERT_LE(std::fabs(logit), kMaxLogit);
  }
}

TEST(ModelOnline, WrongConfigurationsAreRefused) {
  const auto refused = [](auto change) {
    OnlineConfig config = small_config();
    change(config);
    return !OnlineModel::create(config).ok() && OnlineModel::memory_needed(config) == 0;
  };
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.stack = "nosuch"; }));
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.d_model = 20; }));
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.chunk = 0; }));
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.head_nodes = 0; }));
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.replay_chunks = 0; }));
  EXPECT_TRUE(refused([](OnlineConfig& c) { c.learning_rate = NAN; }));
}

}  // namespace
}  // namespace ssmz::model
