// SPDX-License-Identifier: Apache-2.0
// The C interface does what the C++ one does.
#include <gtest/gtest.h>

#include <cstring>

#include "ssmz/ssmz.h"
#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace {

using ssmz::test::Bytes;
using ssmz::test::text_bytes;

int append(void* context, const std::uint8_t* bytes, std::size_t size) {
  auto* out = static_cast<Bytes*>(context);
  out->insert(out->end(), bytes, bytes + size);
  return 0;
}

int refuse(void*, const std::uint8_t*, std::size_t) { return 1; }

ssmz_compress_options quick() {
  ssmz_compress_options options;
  ssmz_compress_options_init(&options);
  options.level = 1;
  return options;
}

Bytes compressed(const Bytes& content) {
  Bytes frames(ssmz_compress_bound(content.size(), 0));
  std::size_t size = frames.size();
  const ssmz_compress_options options = quick();
  EXPECT_EQ(ssmz_compress(content.data(), content.size(), frames.data(), &size, &options), SSMZ_OK);
  frames.resize(size);
  return frames;
}

TEST(CApi, GivesBackContentInOneCall) {
  const Bytes content = text_bytes(2000);
  const Bytes frames = compressed(content);
  Bytes back(content.size());
  std::size_t size = back.size();
  ASSERT_EQ(ssmz_decompress(frames.data(), frames.size(), back.data(), &size, nullptr), SSMZ_OK);
  EXPECT_EQ(size, content.size());
  EXPECT_TRUE(back == content);
  size = content.size() - 1;
  EXPECT_EQ(ssmz_decompress(frames.data(), frames.size(), back.data(), &size, nullptr), SSMZ_OUTPUT_LIMIT);
}

TEST(CApi, StreamsTheSameFrameAsTheOtherInterface) {
  const Bytes content = text_bytes(2000);
  const ssmz_compress_options options = quick();
  ssmz_encoder* encoder = nullptr;
  ASSERT_EQ(ssmz_encoder_create(&options, &encoder), SSMZ_OK);
  Bytes frames;
  ASSERT_EQ(ssmz_encoder_update(encoder, content.data(), 700, append, &frames), SSMZ_OK);
  ASSERT_EQ(ssmz_encoder_update(encoder, content.data() + 700, content.size() - 700, append, &frames),
            SSMZ_OK);
  ASSERT_EQ(ssmz_encoder_finish(encoder, append, &frames), SSMZ_OK);
  ssmz_encoder_free(encoder);
  EXPECT_TRUE(frames == compressed(content));

  ssmz_decoder* decoder = nullptr;
  ASSERT_EQ(ssmz_decoder_create(nullptr, &decoder), SSMZ_OK);
  Bytes back;
  ASSERT_EQ(ssmz_decoder_update(decoder, frames.data(), frames.size(), append, &back), SSMZ_OK);
  ASSERT_EQ(ssmz_decoder_finish(decoder, append, &back), SSMZ_OK);
  ssmz_decoder_free(decoder);
  EXPECT_TRUE(back == content);
}

TEST(CApi, ReportsErrorsWithTheirDetail) {
  const Bytes frames = compressed(text_bytes(500));
  ssmz_decompress_options options;
  ssmz_decompress_options_init(&options);
  options.memory_limit = 1;
  ssmz_decoder* decoder = nullptr;
  Bytes back;
  ASSERT_EQ(ssmz_decoder_create(&options, &decoder), SSMZ_OK);
  EXPECT_EQ(ssmz_decoder_update(decoder, frames.data(), frames.size(), append, &back), SSMZ_MEMORY_LIMIT);
  EXPECT_GT(ssmz_decoder_memory_needed(decoder), 1u);
  EXPECT_GT(std::strlen(ssmz_decoder_detail(decoder)), 0u);
  EXPECT_EQ(ssmz_decoder_finish(decoder, append, &back), SSMZ_MEMORY_LIMIT);
  ssmz_decoder_free(decoder);

  ASSERT_EQ(ssmz_decoder_create(nullptr, &decoder), SSMZ_OK);
  EXPECT_EQ(ssmz_decoder_update(decoder, frames.data(), frames.size(), refuse, nullptr), SSMZ_IO_ERROR);
  ssmz_decoder_free(decoder);
  ssmz_compress_options bad = quick();
  bad.level = 99;
  ssmz_encoder* encoder = nullptr;
  EXPECT_EQ(ssmz_encoder_create(&bad, &encoder), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(encoder, nullptr);
  EXPECT_STREQ(ssmz_code_text(SSMZ_TRUNCATED), "unexpected end of input");
}

TEST(CApi, TakesShorterStructsOfEarlierVersions) {
  ssmz_compress_options options = quick();
  options.struct_size = offsetof(ssmz_compress_options, memory_limit);
  options.memory_limit = 1;  // beyond what this caller knows of
  Bytes frames(3000);
  std::size_t size = frames.size();
  const Bytes content = text_bytes(100);
  EXPECT_EQ(ssmz_compress(content.data(), content.size(), frames.data(), &size, &options), SSMZ_OK);
}

TEST(CApi, PeeksAtFrames) {
  const Bytes frames = compressed(text_bytes(500));
  ssmz_frame_info info;
  info.struct_size = sizeof(info);
  ASSERT_EQ(ssmz_peek(frames.data(), frames.size(), &info), SSMZ_OK);
  EXPECT_EQ(info.content_size, 500u);
  EXPECT_EQ(info.level, 1);
  ssmz_vocabulary* vocabulary = nullptr;
  ASSERT_EQ(ssmz_vocabulary_builtin(&vocabulary), SSMZ_OK);
  EXPECT_EQ(info.vocabulary, ssmz_vocabulary_hash(vocabulary));
  ssmz_vocabulary_free(vocabulary);
  EXPECT_NE(ssmz_is_frame(frames.data(), 4), 0);
  EXPECT_EQ(ssmz_peek(frames.data(), 5, &info), SSMZ_TRUNCATED);
}

}  // namespace
