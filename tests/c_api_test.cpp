// SPDX-License-Identifier: Apache-2.0
// The C interface does what the C++ one does.
#include <gtest/gtest.h>

#include <array>
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
  ssmz_compress_options_init(&options, sizeof(options));
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
  EXPECT_EQ(ssmz_encoder_content_given(encoder), content.size());
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
  ssmz_decompress_options_init(&options, sizeof(options));
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

TEST(CApi, InitWritesNoFurtherThanTheCallersStruct) {
  for (const std::size_t size : {sizeof(ssmz_compress_options) - 8, std::size_t{8}, std::size_t{4}}) {
    std::array<unsigned char, sizeof(ssmz_compress_options) + 8> room;
    room.fill(0xEE);
    auto* options = reinterpret_cast<ssmz_compress_options*>(room.data());
    ssmz_compress_options_init(options, size);
    for (std::size_t i = size; i < room.size(); ++i) EXPECT_EQ(room[i], 0xEE) << size << " " << i;
  }
}

TEST(CApi, RefusesOptionsItDoesNotKnow) {
  struct Longer {
    ssmz_compress_options known;
    std::uint64_t later[3];
  } longer;
  auto* options = &longer.known;
  ssmz_compress_options_init(options, sizeof(longer));
  options->level = 1;
  ssmz_encoder* encoder = nullptr;
  EXPECT_EQ(ssmz_encoder_create(options, &encoder), SSMZ_OK) << "a later struct that asks for nothing new";
  ssmz_encoder_free(encoder);
  longer.later[2] = 1;
  EXPECT_EQ(ssmz_encoder_create(options, &encoder), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(encoder, nullptr);
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, sizeof(*options) - 1}) {
    options->struct_size = size;
    Bytes frames(3000);
    std::size_t frames_size = frames.size();
    EXPECT_EQ(ssmz_compress(nullptr, 0, frames.data(), &frames_size, options), SSMZ_BAD_ARGUMENT) << size;
    EXPECT_EQ(frames_size, 0u);
  }
}

TEST(CApi, TakesNoNullForAnswer) {
  const Bytes frames = compressed(text_bytes(100));
  std::size_t size = 10;
  std::uint8_t byte = 0;
  EXPECT_EQ(ssmz_compress(nullptr, 1, &byte, &size, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_compress(&byte, 1, &byte, nullptr, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decompress(nullptr, 1, &byte, &size, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_create(nullptr, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_update(nullptr, &byte, 1, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_end_frame(nullptr, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_finish(nullptr, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decoder_update(nullptr, &byte, 1, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decoder_finish(nullptr, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_content_given(nullptr), 0u);
  EXPECT_STREQ(ssmz_encoder_detail(nullptr), "");
  EXPECT_STREQ(ssmz_decoder_detail(nullptr), "");
  EXPECT_EQ(ssmz_decoder_error_offset(nullptr) + ssmz_decoder_memory_needed(nullptr), 0u);
  EXPECT_EQ(ssmz_decoder_vocabulary_needed(nullptr) + ssmz_vocabulary_hash(nullptr), 0u);
  EXPECT_EQ(ssmz_decoder_prime_needed(nullptr, nullptr, nullptr, nullptr), 0);
  EXPECT_EQ(ssmz_prime_hash(nullptr), 0u);
  EXPECT_EQ(ssmz_prime_memory(nullptr), 0u);
  EXPECT_EQ(ssmz_peek(frames.data(), frames.size(), nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_is_frame(nullptr, 4), 0);
  EXPECT_EQ(ssmz_memory_needed(5, 1, 0, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_index_read(1, nullptr, nullptr, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_joiner_create(nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_joiner_update(nullptr, &byte, 1, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_skippable_header(1, nullptr), SSMZ_BAD_ARGUMENT);
  ssmz_encoder* encoder = nullptr;
  ASSERT_EQ(ssmz_encoder_create(nullptr, &encoder), SSMZ_OK);
  EXPECT_EQ(ssmz_encoder_update(encoder, nullptr, 1, append, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_encoder_update(encoder, &byte, 1, nullptr, nullptr), SSMZ_BAD_ARGUMENT);
  ssmz_encoder_free(encoder);
  ssmz_decompress_options options;
  ssmz_decompress_options_init(&options, sizeof(options));
  const ssmz_vocabulary* none[] = {nullptr};
  options.vocabularies = none;
  options.vocabulary_count = 1;
  ssmz_decoder* decoder = nullptr;
  EXPECT_EQ(ssmz_decoder_create(&options, &decoder), SSMZ_BAD_ARGUMENT);
  options.vocabularies = nullptr;
  EXPECT_EQ(ssmz_decoder_create(&options, &decoder), SSMZ_BAD_ARGUMENT);
  ssmz_decoder_free(nullptr);
  ssmz_encoder_free(nullptr);
  ssmz_prime_free(nullptr);
  ssmz_index_free(nullptr);
  ssmz_joiner_free(nullptr);
  ssmz_vocabulary_free(nullptr);
  ssmz_compress_options_init(nullptr, 100);
}

TEST(CApi, RefusesSizesTooLargeForAFrame) {
  ssmz_compress_options options = quick();
  options.content_size = std::uint64_t{1} << 63;
  ssmz_encoder* encoder = nullptr;
  EXPECT_EQ(ssmz_encoder_create(&options, &encoder), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_compress_bound(UINT64_MAX - 5, 0), UINT64_MAX);
  EXPECT_EQ(ssmz_compress_bound(UINT64_MAX / 2, 1), UINT64_MAX);
}

TEST(CApi, NamesCodesAndVersions) {
  EXPECT_STREQ(ssmz_code_name(SSMZ_OK), "SSMZ_OK");
  EXPECT_STREQ(ssmz_code_name(SSMZ_PRIME_MISSING), "SSMZ_PRIME_MISSING");
  EXPECT_EQ(ssmz_version_number(), static_cast<unsigned>(SSMZ_VERSION_NUMBER));
  EXPECT_EQ(ssmz_frame_format_version(), 23u);
}

TEST(CApi, CodesOverAPrime) {
  const Bytes content = text_bytes(1500);
  ssmz_prime* prime = nullptr;
  EXPECT_EQ(ssmz_prime_create(nullptr, 0, "x", 0, &prime), SSMZ_BAD_ARGUMENT);
  ASSERT_EQ(ssmz_prime_create(content.data(), content.size(), "old", 0, &prime), SSMZ_OK);
  ssmz_compress_options options = quick();
  options.prime = prime;
  Bytes frames(ssmz_compress_bound(content.size(), 0));
  std::size_t size = frames.size();
  ASSERT_EQ(ssmz_compress(content.data(), content.size(), frames.data(), &size, &options), SSMZ_OK);
  EXPECT_LT(size, compressed(content).size() / 2);
  frames.resize(size);

  ssmz_decoder* decoder = nullptr;
  Bytes back;
  ASSERT_EQ(ssmz_decoder_create(nullptr, &decoder), SSMZ_OK);
  EXPECT_EQ(ssmz_decoder_prime_needed(decoder, nullptr, nullptr, nullptr), 0);
  EXPECT_EQ(ssmz_decoder_update(decoder, frames.data(), size, append, &back), SSMZ_PRIME_MISSING);
  std::uint64_t hash = 0, length = 0;
  const char* name = nullptr;
  EXPECT_EQ(ssmz_decoder_prime_needed(decoder, &hash, &length, &name), 1);
  EXPECT_EQ(hash, ssmz_prime_hash(prime));
  EXPECT_GE(ssmz_prime_memory(prime), content.size());
  EXPECT_EQ(length, content.size());
  EXPECT_STREQ(name, "old");
  ssmz_decoder_free(decoder);

  ssmz_decompress_options with;
  ssmz_decompress_options_init(&with, sizeof(with));
  const ssmz_prime* primes[] = {prime};
  with.primes = primes;
  with.prime_count = 1;
  back.resize(content.size());
  size = back.size();
  EXPECT_EQ(ssmz_decompress(frames.data(), frames.size(), back.data(), &size, &with), SSMZ_OK);
  EXPECT_TRUE(back == content);
  ssmz_prime_free(prime);
}

int read_memory(void* context, std::uint64_t offset, std::uint8_t* out, std::size_t size) {
  const auto& bytes = *static_cast<const Bytes*>(context);
  if (offset > bytes.size() || size > bytes.size() - offset) return 1;
  std::memcpy(out, bytes.data() + offset, size);
  return 0;
}

TEST(CApi, TrainsAPrimeAndAVocabulary) {
  std::string samples;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 200; ++i) {
    const std::string record = "<record id='" + std::to_string(i) + "'><name>river house</name></record>\n";
    samples += record;
    sizes.push_back(record.size());
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
  std::vector<std::uint8_t> prime(1024);
  std::size_t size = prime.size();
  ASSERT_EQ(ssmz_train_prime(bytes, sizes.data(), sizes.size(), prime.data(), &size), SSMZ_OK);
  EXPECT_GE(size, 256u);
  EXPECT_LE(size, prime.size());
  std::vector<std::uint8_t> file;
  const auto sink = [](void* to, const std::uint8_t* piece, std::size_t n) {
    static_cast<std::vector<std::uint8_t>*>(to)->insert(static_cast<std::vector<std::uint8_t>*>(to)->end(),
                                                        piece, piece + n);
    return 0;
  };
  ASSERT_EQ(ssmz_train_vocabulary(bytes, sizes.data(), nullptr, sizes.size(), 512, sink, &file), SSMZ_OK);
  ssmz_vocabulary* vocabulary = nullptr;
  EXPECT_EQ(ssmz_vocabulary_parse(file.data(), file.size(), &vocabulary), SSMZ_OK);
  ssmz_vocabulary_free(vocabulary);
  // Too little room for a prime, no sizes, no texts, no sink.
  size = 10;
  EXPECT_EQ(ssmz_train_prime(bytes, sizes.data(), sizes.size(), prime.data(), &size), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(ssmz_train_prime(bytes, sizes.data(), sizes.size(), prime.data(), nullptr), SSMZ_BAD_ARGUMENT);
  size = prime.size();
  EXPECT_EQ(ssmz_train_prime(bytes, nullptr, 1, prime.data(), &size), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_train_vocabulary(nullptr, sizes.data(), nullptr, 1, 512, sink, &file), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_train_vocabulary(bytes, sizes.data(), nullptr, 1, 512, nullptr, &file), SSMZ_BAD_ARGUMENT);
}

TEST(CApi, JoinsAndReadsRanges) {
  const Bytes content = text_bytes(600);
  const Bytes one = compressed(content);
  ssmz_joiner* joiner = nullptr;
  ASSERT_EQ(ssmz_joiner_create(&joiner), SSMZ_OK);
  Bytes archive;
  EXPECT_EQ(ssmz_joiner_update(joiner, one.data(), one.size(), append, &archive), SSMZ_OK);
  EXPECT_EQ(ssmz_joiner_update(joiner, one.data(), one.size(), append, &archive), SSMZ_OK);
  EXPECT_EQ(ssmz_joiner_finish(joiner, append, &archive), SSMZ_OK);
  ssmz_joiner_free(joiner);
  ssmz_frame_info info;
  info.struct_size = sizeof(info);
  ASSERT_EQ(ssmz_frame_measure(archive.data(), archive.size(), &info), SSMZ_OK);
  EXPECT_EQ(info.frame_follows, 1);
  EXPECT_EQ(ssmz_frame_measure(archive.data(), info.frame_size - 1, &info), SSMZ_TRUNCATED);
  ssmz_index* index = nullptr;
  ASSERT_EQ(ssmz_index_read(archive.size(), read_memory, &archive, &index), SSMZ_OK);
  EXPECT_EQ(ssmz_index_content_size(index), 1200u);
  ASSERT_EQ(ssmz_index_frame_count(index), 2u);
  ssmz_index_frame frame;
  ASSERT_EQ(ssmz_index_frame_at(index, 1, &frame), SSMZ_OK);
  EXPECT_EQ(frame.offset, info.frame_size);
  EXPECT_EQ(ssmz_index_frame_at(index, 2, &frame), SSMZ_BAD_ARGUMENT);
  Bytes out;
  EXPECT_EQ(ssmz_decompress_range(index, read_memory, &archive, 700, 50, append, &out, nullptr), SSMZ_OK);
  EXPECT_TRUE(out == Bytes(content.begin() + 100, content.begin() + 150));
  ssmz_index_free(index);
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
