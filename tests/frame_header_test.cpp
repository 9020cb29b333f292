// SPDX-License-Identifier: Apache-2.0
// Headers of frames and blocks keep what they are given, and refuse what no encoder writes.
#include <gtest/gtest.h>

#include "codec/base/little_endian.hpp"
#include "codec/frame/header.hpp"
#include "codec/vocabulary/vocabulary.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;

TEST(FrameHeader, DoesNotNameTheBuiltinVocabulary) {
  FrameHeader header;
  header.model.emplace();
  header.model->vocabulary_hash = Vocabulary::builtin_hash();
  EXPECT_EQ(Vocabulary::builtin_hash(), Vocabulary::builtin()->hash());
  Bytes bytes;
  append_frame_header(header, bytes);
  EXPECT_EQ(parse_frame_header(bytes).value().header.model->vocabulary_hash, Vocabulary::builtin_hash());
  Bytes named;
  header.model->vocabulary_hash ^= 1;
  append_frame_header(header, named);
  EXPECT_EQ(named.size(), bytes.size() + 8);
  EXPECT_EQ(parse_frame_header(named).value().header.model->vocabulary_hash, header.model->vocabulary_hash);
}

TEST(FrameHeader, KeepsEveryField) {
  FrameHeader header;
  FrameModel& model = header.model.emplace();
  model.parameters.level = 7;
  model.parameters.table_log2 = 22;
  model.parameters.ssm.emplace();
  model.parameters.ssm->stack = std::string(max_stack_text, 'x');
  model.parameters.ssm->width = 1024;
  model.parameters.ssm->replay = 16;
  model.vocabulary_hash = ~0ull;
  model.prime.emplace();
  model.prime->hash = ~1ull;
  model.prime->length = varint_limit - 1;
  model.prime->name = std::string(max_prime_name, 'p');
  header.number = varint_limit - 1;
  header.content_size = varint_limit - 1;
  header.has_checksum = false;
  Bytes bytes;
  append_frame_header(header, bytes);
  EXPECT_LE(bytes.size(), max_frame_header_size);
  const auto parsed = parse_frame_header(bytes);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value().size, bytes.size());
  EXPECT_EQ(parsed.value().header.model->parameters, header.model->parameters);
  EXPECT_EQ(parsed.value().header.model->vocabulary_hash, ~0ull);
  ASSERT_TRUE(parsed.value().header.model->prime.has_value());
  EXPECT_TRUE(parsed.value().header.model->prime->same_content(*header.model->prime));
  EXPECT_EQ(parsed.value().header.model->prime->name, header.model->prime->name);
  EXPECT_EQ(parsed.value().header.number, header.number);
  EXPECT_EQ(parsed.value().header.content_size, header.content_size);
  EXPECT_FALSE(parsed.value().header.has_checksum);
}

TEST(FrameHeader, RejectsBlocksOutOfRange) {
  const auto code_of = [](std::uint64_t first, std::uint64_t coded) {
    Bytes bytes;
    append_varint(first, bytes);
    append_varint(coded, bytes);
    return parse_block_header(bytes).status().code;
  };
  EXPECT_EQ(code_of(max_block_size * 16ull + 1, 5), Code::ok);
  EXPECT_EQ(code_of(max_block_size * 16ull + 17, 5), Code::data_damaged) << "too large";
  EXPECT_EQ(code_of(100 * 16 + 1, 101), Code::data_damaged) << "coded larger than raw";
  EXPECT_EQ(code_of(1, max_block_size + 1), Code::data_damaged) << "the rest, coded larger than any block";
  EXPECT_EQ(code_of(100 * 16 + 3, most_reach), Code::ok);
  EXPECT_EQ(code_of(100 * 16 + 3, most_reach + 1), Code::data_damaged) << "a copy from too far back";
  EXPECT_EQ(code_of(100 * 16 + 3, 0), Code::data_damaged) << "a copy of itself";
  EXPECT_EQ(parse_block_header(Bytes{0x3F, 1, 3, 1}).status().code, Code::data_damaged) << "a prime's copy";
  EXPECT_EQ(code_of(100 * 16 + 14, 5), Code::data_damaged) << "no such kind";
  EXPECT_EQ(code_of(5 * 16 + 15, 5), Code::data_damaged) << "no such mark";
  EXPECT_EQ(parse_block_header(Bytes{0x81, 0x00}).status().code, Code::data_damaged) << "longer than needed";
  EXPECT_EQ(parse_block_header(Bytes(9, 0xFF)).status().code, Code::data_damaged) << "too long";
}

TEST(FrameHeader, RefusesTablesLargerThanAnEncoderAsksFor) {
  const auto code_of = [](int level, int table_log2, std::optional<std::uint64_t> size) {
    FrameHeader header;
    header.model.emplace();
    header.model->parameters.level = static_cast<std::uint8_t>(level);
    header.model->parameters.table_log2 = static_cast<std::uint8_t>(table_log2);
    header.content_size = size;
    Bytes bytes;
    append_frame_header(header, bytes);
    return parse_frame_header(bytes).status().code;
  };
  for (int level = min_level; level <= max_level; ++level) {
    for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(), {100}, {1 << 20}}) {
      const int greatest = parameters_for(level, size, 0)->table_log2;
      EXPECT_EQ(code_of(level, greatest, size), Code::ok);
      EXPECT_EQ(code_of(level, greatest + 1, size), Code::header_damaged);
    }
  }
}

}  // namespace
}  // namespace ssmz::codec
