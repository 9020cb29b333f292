// SPDX-License-Identifier: Apache-2.0
// Rows: delimiters are found, fields are followed, numbers grow, hostile lines do no harm.
#include "codec/text/row_state.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ssmz::codec {
namespace {

RowState state_after(std::string_view text) {
  RowState rows;
  for (const char c : text) rows.push(static_cast<std::uint8_t>(c));
  return rows;
}

// The bytes that a value of expected() or step() holds.
std::string expected_text(const RowState& rows, unsigned k = 0) {
  std::string text;
  for (std::uint64_t bytes = rows.expected(k) & 0xffffffffu; bytes; bytes >>= 8)
    text += static_cast<char>(bytes & 0xffu);
  return text;
}
std::string step_text(const RowState& rows) {
  std::string text;
  for (std::uint64_t bytes = rows.step(); bytes > 1; bytes >>= 8)
    text.insert(text.begin(), static_cast<char>(bytes & 0xffu));
  return text;
}

std::string table(int rows) {
  std::string text;
  for (int i = 0; i < rows; ++i)
    text += std::to_string(100 + 5 * i) + ",\"a, b\"," + (i % 2 ? "left" : "right") + ",end\n";
  return text;
}

TEST(RowState, FieldsOfATableAreFollowed) {
  const RowState start = state_after(table(8));
  ASSERT_TRUE(start.active());
  EXPECT_EQ(expected_text(start), "135,");
  EXPECT_EQ(step_text(start), "140");
  EXPECT_EQ(start.field_number(), 0u);
  const RowState third = state_after(table(8) + "140,\"x, yz\",l");
  EXPECT_EQ(third.field_number(), 2u);
  EXPECT_EQ(expected_text(third), "eft,");
  EXPECT_EQ(third.agreement() & 3u, 1u) << "as in the row before, not as in the one before that";
  EXPECT_NE(third.first_field(), third.last_field());
  EXPECT_EQ(step_text(state_after(table(8) + "14")), "0");
  EXPECT_EQ(state_after(table(8) + "15").step(), 0u) << "another number";
}

TEST(RowState, HexadecimalNumbersGrow) {
  std::string text;
  for (const char* code : {"1CD4", "1CD5", "1CD6", "1CD7", "1CD8", "1CD9"})
    text += "('" + std::string(code) + "',1,2);\n";
  text += "('1CDA',1,2);\n('1CDB',1,2);\n";
  EXPECT_EQ(step_text(state_after(text + "('")), "1CDC");
}

TEST(RowState, ARowIsFollowedThatBeginsWithTheSameWord) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "name: value one\nsize: 1234 bytes\nkind: of no matter\n";
  const RowState rows = state_after(text + "name: ");
  ASSERT_TRUE(rows.active());
  EXPECT_EQ(expected_text(rows), "valu");
}

TEST(RowState, ProseHasNoRows) {
  std::string text;
  std::uint32_t random = 1;
  for (int i = 0; i < 20000; ++i) {
    random = random * 1664525u + 1013904223u;
    text += i % 70 == 69              ? '\n'
            : (random >> 24) % 6 == 0 ? ' '
                                      : static_cast<char>('a' + (random >> 16) % 26);
    EXPECT_FALSE(i % 1000 == 0 && state_after(text).active()) << i;
  }
}

// No delimiter, nothing but delimiters or newlines, more fields than are counted, rows longer than what is
// remembered, numbers that are too long.
TEST(RowState, HostileLines) {
  const std::string many(300, ','), wide(66000, 'x'), digits(200, '9');
  for (const std::string& line :
       {many, wide, digits, std::string(), many + wide + many, digits + many + "1"}) {
    RowState rows;
    std::uint64_t sum = 0;
    for (int i = 0; i < 8; ++i)
      for (const char c : line + "\n") {
        rows.push(static_cast<std::uint8_t>(c));
        sum += rows.expected(0) + rows.expected(1) + rows.step() + rows.agreement();
        ASSERT_LT(rows.field_number(), RowState::most_fields);
      }
    EXPECT_GT(sum + 1, 0u);
  }
}

}  // namespace
}  // namespace ssmz::codec
