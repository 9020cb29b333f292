// SPDX-License-Identifier: Apache-2.0
// The block coder: what it refuses although every bit of it can be decoded.
#include "codec/block/block_coder.hpp"

#include <gtest/gtest.h>

#include "codec/levels/level_models.hpp"
#include "codec/range/range_encoder.hpp"
#include "codec/text/text_model.hpp"
#include "codec/vocabulary/tokenizer.hpp"
#include "model/kernels/kernels.hpp"

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

}  // namespace
}  // namespace ssmz::codec
