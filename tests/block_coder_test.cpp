// SPDX-License-Identifier: Apache-2.0
// The block coder: what it refuses although every bit of it can be decoded.
#include "codec/block/block_coder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "codec/block/registry.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/range/range_encoder.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/allocated.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec {
namespace {

constexpr ModelParameters parameters{.level = 1, .table_log2 = 18};

struct EncodeIo {
  RangeEncoder coder;
  unsigned code(bool bit, std::uint32_t p, const Position&) {
    coder.encode(bit, p);
    return bit;
  }
};

// A text block of just these tokens.
std::vector<std::uint8_t> coded(const std::vector<Token>& tokens) {
  const model::ScopedFloatMode mode;
  SlotTable table(table_bytes(parameters));
  TextModel model(Vocabulary::builtin(), table, text_options(parameters, 1));
  std::vector<std::uint8_t> out;
  EncodeIo io{RangeEncoder(out)};
  for (std::size_t i = 0; i < tokens.size(); ++i) model.code(io, std::span(tokens).subspan(i));
  io.coder.finish();
  return out;
}

Status decode(const std::vector<std::uint8_t>& block, std::size_t raw_size) {
  auto coder = BlockCoder::create(parameters, Vocabulary::builtin(), 1);
  std::vector<std::uint8_t> raw;
  return coder.value()->decode(BlockKind::text, block, raw_size, raw, {});
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  Tokenizer(Vocabulary::builtin())
      .tokenize({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, tokens);
  return tokens;
}

TEST(BlockCoder, DecodesASpelledWord) {
  const std::string_view word = "zxqvkw";
  EXPECT_TRUE(decode(coded(tokens_of(word)), word.size()).ok());
}

// Such words give no bytes: a block of them could keep a decoder busy for ever.
TEST(BlockCoder, RefusesSpelledWordsWithoutLetters) {
  const LexemeId spelled = Vocabulary::builtin()->spelled();
  std::vector<Token> tokens;
  for (int i = 0; i < 10000; ++i) {
    tokens.push_back({spelled, Separator::none, CaseClass::lower});
    tokens.push_back({spelled, Separator::spelled, CaseClass::lower});
  }
  const auto word = tokens_of("zxqvkw");
  tokens.insert(tokens.end(), word.begin(), word.end());
  EXPECT_EQ(decode(coded(tokens), 6).code, Code::data_damaged);
}

TEST(BlockCoder, RefusesATextThatGoesOnBehindItsBlock) {
  EXPECT_EQ(decode(coded(tokens_of("the quick brown fox")), 7).code, Code::data_damaged);
}

/// Decisions by chance until the data end; counts those that are asked for behind the end.
class EndingIo final : public DecisionIo {
 public:
  unsigned code(bool, std::uint32_t p, const Position&) override {
    ++decisions_;
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return (random_ >> 42) < p ? 1u : 0u;
  }
  [[nodiscard]] bool exhausted() const override { return decisions_ > held; }
  [[nodiscard]] std::size_t behind_the_end() const { return decisions_ - std::min(decisions_, held); }
  static constexpr std::size_t held = 2000;

 private:
  std::size_t decisions_ = 0;
  std::uint64_t random_ = 1;
};

// A few bytes that stand for much content cost no more than they can code.
TEST(BlockCoder, EveryKindStopsWithinAFewSymbolsOfTheDatasEnd) {
  const model::ScopedFloatMode mode;
  const auto vocabulary = Vocabulary::builtin();
  for (const ContentKind& kind : content_kinds()) {
    if (!kind.make || !fits(kind, 0)) continue;
    SlotTable table(table_bytes(parameters));
    const auto content = kind.make({.parameters = parameters, .vocabulary = vocabulary, .table = table});
    content->set_layout(0);
    EndingIo io;
    std::vector<std::uint8_t> raw;
    EXPECT_EQ(content->decode(io, std::size_t{1} << 30, raw, {}).code, Code::data_damaged) << kind.name;
    EXPECT_LE(io.behind_the_end(), exhaustion_interval * 32) << kind.name;
  }
}

TEST(BlockCoder, TakesNoMoreMemoryThanItSaysWithVocabulariesOfAnySize) {
  if (!allocated()) GTEST_SKIP() << "the system does not say what it has given out";
  for (const unsigned words : {100u, 60000u}) {
    std::vector<LexemeDraft> drafts = samples::single_bytes();
    for (unsigned i = 0; i < words; ++i) {
      std::string spelling;
      for (unsigned n = i + 26; n > 0; n /= 26) spelling.push_back(static_cast<char>('a' + n % 26));
      drafts.push_back({spelling, 1 + i % 50, 0});
    }
    const auto vocabulary = Vocabulary::parse(write_vocabulary(drafts)).value();
    for (const int level : {1, 5, 9}) {
      const ModelParameters asked{.level = static_cast<std::uint8_t>(level), .table_log2 = 18};
      const std::uint64_t before = *allocated();
      const auto coder = BlockCoder::create(asked, vocabulary, 1);
      ASSERT_TRUE(coder.ok());
      EXPECT_LE(*allocated() - before, memory_needed(asked, vocabulary->size()))
          << "-" << level << ", " << words << " words";
    }
  }
}

}  // namespace
}  // namespace ssmz::codec
