// SPDX-License-Identifier: Apache-2.0
// Letters and numbers of page streams are told apart; other data are no page streams.
#include "codec/bytes/typeset_state.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ssmz::codec {
namespace {

void push(TypesetState& state, std::string_view text) {
  for (const char c : text) state.push(static_cast<std::uint8_t>(c));
}

std::uint64_t packed(std::string_view text) {
  std::uint64_t bytes = 0;
  for (const char c : text) bytes = bytes << 8 | static_cast<std::uint8_t>(c);
  return bytes;
}

TEST(TypesetState, LettersAreReadThroughNumbersAndEscapes) {
  TypesetState state;
  push(state, "0 -13.549 Td[(a)-333(bro)28(k)28(e\\261\\)");
  EXPECT_EQ(state.letters(8), packed("broke\xb1)") | std::uint64_t{' '} << 56);
  EXPECT_TRUE(state.in_string());
  EXPECT_EQ(state.length(), 3u);
}

TEST(TypesetState, WordsAreTheSameHoweverTheyAreBroken) {
  TypesetState whole, broken;
  push(whole, "[(two)-250(words)-250(here");
  push(broken, "[(t)28(w)-1(o)-366(w)27(ords)-250(h)28(ere");
  EXPECT_EQ(whole.word(), broken.word());
  EXPECT_EQ(whole.last_word(), broken.last_word());
  EXPECT_EQ(whole.letters(8), broken.letters(8));
  EXPECT_NE(whole.kern(), broken.kern());
  EXPECT_EQ(whole.space(0), broken.space(0));
  EXPECT_NE(whole.space(1), broken.space(1));
}

TEST(TypesetState, WordsDividedAtALineEndGoOn) {
  TypesetState divided, whole;
  push(divided, "[(a)-300(long)]TJ 0 -13.5 Td[(wo-)]TJ 0 -13.5 Td[(rd");
  push(whole, "[(a)-300(long)-300(word");
  EXPECT_EQ(divided.word(), whole.word());
  EXPECT_EQ(divided.letters(8), whole.letters(8));
}

TEST(TypesetState, IsActiveInPageStreamsOnly) {
  TypesetState page, program, lists;
  for (int i = 0; i < 50; ++i) {
    push(page, "[(W)83(ords)-333(bro)28(k)28(en)]TJ 0 -13.549 Td");
    push(program, "if (f(a, b) && g(c) > (1 + d(2)) * (3)) h((x));\n");
    push(lists, "(a) (b) (c (d) 1 (e)) (+ 1 (f 2) (g)) \\(");
  }
  EXPECT_TRUE(page.active());
  EXPECT_FALSE(program.active());
  EXPECT_FALSE(lists.active());
  push(page, std::string(2000, 'x'));
  EXPECT_FALSE(page.active());
}

TEST(TypesetState, PlacesAreInTheirRange) {
  TypesetState state;
  std::uint32_t random = 1;
  for (int i = 0; i < 100'000; ++i) {
    random = random * 1664525u + 1013904223u;
    constexpr std::string_view bytes = "()\\0123-9.aZ \n\xff[]";
    state.push(static_cast<std::uint8_t>(bytes[(random >> 16) % bytes.size()]));
    ASSERT_LT(state.place(), TypesetState::places);
  }
}

}  // namespace
}  // namespace ssmz::codec
