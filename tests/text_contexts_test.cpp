// SPDX-License-Identifier: Apache-2.0
// What the contexts of text know.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "codec/block/block_coder.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

constexpr std::array headings = {"Animals", "Buildings", "Customs", "Districts"};
constexpr std::array adjectives = {"old",    "new",    "red",   "green", "small", "large",
                                   "young",  "quiet",  "happy", "early", "plain", "broken",
                                   "simple", "golden", "heavy", "modern"};
constexpr std::array nouns = {"apple",  "river",  "stone",  "horse",  "table",  "window", "garden", "letter",
                              "paper",  "silver", "market", "winter", "summer", "doctor", "school", "bridge",
                              "forest", "island", "engine", "valley", "castle", "button", "basket", "candle",
                              "ladder", "mirror", "needle", "orange", "pencil", "rabbit", "saddle", "ticket"};

// Under each heading any five adjectives, then one of eight nouns: the heading's own if it `tells`, else
// those of any heading.
std::string sections(bool tells) {
  std::uint64_t state = 1;
  const auto below = [&](unsigned bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 40) % bound);
  };
  std::string text;
  for (unsigned i = 0; i < 400; ++i) {
    const std::size_t nouns_of = below(headings.size());
    text += headings[tells ? nouns_of : below(headings.size())];
    text += ":\n   ";
    for (unsigned k = 0; k < 5; ++k) text += std::string(" ") + adjectives[below(adjectives.size())];
    text += std::string(" ") + nouns[nouns_of * 8 + below(8)] + "\n";
  }
  return text;
}

std::size_t size_of(const std::string& text) {
  const auto coder = BlockCoder::create(ModelParameters{.level = 4, .table_log2 = 20}, Vocabulary::builtin());
  test::Bytes coded;
  EXPECT_TRUE(coder.value()->encode(BlockKind::text, test::bytes_of(text), coded, {}).ok());
  return coded.size();
}

// The newest tokens say nothing of the noun. Without contexts of the heading alone it is 0.5 %, with them 5
// %.
TEST(TextContexts, KnowWhatStandsUnderAHeadingWhateverCameBefore) {
  EXPECT_LT(size_of(sections(true)) * 100, size_of(sections(false)) * 98);
}

}  // namespace
}  // namespace ssmz::codec
