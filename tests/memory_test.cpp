// SPDX-License-Identifier: Apache-2.0
// What models say they take in memory, against what the allocator says.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "codec/audio/sound_model.hpp"
#include "codec/block/content_model.hpp"
#include "codec/block/drawing_layout.hpp"
#include "codec/block/registry.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/levels/levels.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/derived_tables.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/allocated.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

class Levels : public testing::TestWithParam<int> {};

// Lists of rows and contexts, and arrays of 32 KiB that are asked for as if they were of 128 (model::Zeroed).
constexpr double small_things = 768 << 10;

/// Keeps nothing of what is coded.
struct Meter final : DecisionIo {
  unsigned code(bool bit, std::uint32_t, const Position&) override { return bit; }
};

// The layout that takes most.
std::uint64_t widest(BlockKind kind) {
  if (kind == BlockKind::bilevel) return bilevel_layout(max_bilevel_row, false);
  if (kind == BlockKind::jpeg) return 0;
  if (kind == BlockKind::drawing)
    return DrawingLayout{.channels = 4, .row_bytes = DrawingLayout::max_row}.packed();
  if (kind == BlockKind::picture) return PictureLayout{false, 1, false, 4, PictureLayout::max_row}.packed();
  SoundLayout sound;
  sound.sample_bytes = 4;
  sound.channels = SoundLayout::max_channels;
  return sound.packed();
}

TEST_P(Levels, IsWhatTheModelSays) {
  if (!allocated()) GTEST_SKIP() << "the allocator does not say what it has given out";
  const std::shared_ptr<const Vocabulary> vocabulary = Vocabulary::builtin();
  const ModelParameters parameters = *parameters_for(GetParam(), std::uint64_t{1} << 14, 0);
  SlotTable table(std::uint64_t{1} << parameters.table_log2);
  const test::Bytes text = test::text_bytes(6000);
  Meter meter;
  for (const ContentKind& kind : content_kinds()) {
    if (!kind.memory) continue;
    const ContentEnvironment environment{parameters, vocabulary, table, 1};
    const auto make = [&] {
      std::unique_ptr<ContentModel> model = kind.make(environment);
      if (kind.valid_layout) model->set_layout(widest(kind.number));
      return model;
    };
    make();  // what is made once for all models
    const std::uint64_t before = allocated().value();
    const std::unique_ptr<ContentModel> model = make();
    // The SSMs begin behind some hundred tokens and bytes.
    if (kind.number == BlockKind::text || kind.number == BlockKind::bytes) {
      EXPECT_TRUE(model->encode(meter, text, {}).ok());
    }
    const auto taken = static_cast<double>(allocated().value() - before);
    const auto said = static_cast<double>(kind.memory(parameters, vocabulary->size()));
    EXPECT_LE(taken, said * 1.01 + small_things) << kind.name;
    EXPECT_GE(taken, said * 0.9) << kind.name;
  }
}

TEST(MemoryNeeded, KeepsToWhatIsAskedOfLevelsForFilesOfAnySize) {
  const auto needed = [](int level) { return memory_needed(*parameters_for(level, std::nullopt, 0)); };
  EXPECT_LT(needed(1), std::uint64_t{200} << 20);
  EXPECT_LT(needed(5), 600'000'000u);
  EXPECT_LT(needed(9), 1'950'000'000u);  // 2 GB with the blocks beside
}

TEST(ModelMemory, ShortTextTakesNoneOfTheSsm) {
  if (!allocated()) GTEST_SKIP() << "the allocator does not say what it has given out";
  const std::shared_ptr<const Vocabulary> vocabulary = Vocabulary::builtin();
  const ModelParameters parameters = *parameters_for(5, std::uint64_t{1} << 10, 0);
  SlotTable table(std::uint64_t{1} << parameters.table_log2);
  const auto taken = [&](std::size_t size) {
    const std::uint64_t before = allocated().value();
    TextModel model(vocabulary, table, text_options(parameters, 1));
    std::vector<Token> tokens;
    Tokenizer(vocabulary).tokenize(test::text_bytes(size), tokens);
    Meter meter;
    for (std::size_t i = 0; i < tokens.size(); ++i) model.code(meter, std::span(tokens).subspan(i));
    EXPECT_EQ(model.ssm() != nullptr, size > 1000);
    return allocated().value() - before;
  };
  taken(3000);  // what is made once for all models
  EXPECT_LT(2 * taken(1000), taken(3000));
}

TEST(VocabularyMemory, IsWhatTheVocabularySays) {
  if (!allocated()) GTEST_SKIP() << "the allocator does not say what it has given out";
  std::ifstream in(SSMZ_STATISTICS_DIR "/builtin.vocab", std::ios::binary);
  const std::vector<std::uint8_t> file{std::istreambuf_iterator<char>(in), {}};
  const std::uint64_t before = allocated().value();
  const auto vocabulary = Vocabulary::parse(file);
  ASSERT_TRUE(vocabulary.ok());
  const VocabularyTables& tables = vocabulary.value()->tables();
  static_cast<void>(tables.segmenter());
  static_cast<void>(tables.spelling_prior());
  static_cast<void>(tables.bigram_prior());
  const auto taken = static_cast<double>(allocated().value() - before);
  EXPECT_LE(taken, static_cast<double>(Vocabulary::memory(vocabulary.value()->size())));
}

INSTANTIATE_TEST_SUITE_P(ModelMemory, Levels, testing::Values(1, 2, 5, 9));

}  // namespace
}  // namespace ssmz::codec
