// SPDX-License-Identifier: Apache-2.0
// A stream has an end: frames that are missing, doubled, swapped or foreign are refused, padding is not.
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/frame/header.hpp"
#include "codec/frame/seek_table.hpp"
#include "ssmz/ssmz.hpp"
#include "tests/frame_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::append_to;
using test::decode;
using test::decoder_options;
using test::encode;
using test::encoder_options;
using test::expect_decodes_to;

/// A stream of `count` frames of equal content sizes, one by one; the seek table is the last.
std::vector<Bytes> frames_of(const Bytes& content, std::size_t count) {
  const Bytes stream = encode(content, encoder_options(content.size() / count));
  const auto table = read_seek_table(stream);
  EXPECT_TRUE(table.has_value() && table->size() == count);
  std::vector<Bytes> parts;
  auto at = stream.begin();
  for (const SeekEntry& entry : *table) {
    parts.emplace_back(at, at + static_cast<std::ptrdiff_t>(entry.frame_size));
    at += static_cast<std::ptrdiff_t>(entry.frame_size);
  }
  parts.emplace_back(at, stream.end());
  return parts;
}

/// The status of one thread and of three, which must be the same, as must the content given; the inspector's
/// verdict must agree.
Status verdict(const Bytes& frames, Bytes* content = nullptr) {
  Bytes first;
  const Status status = decode(frames, first);
  StreamDecoderOptions options = decoder_options();
  options.threads = 3;
  Bytes out;
  const Status other = decode(frames, out, options, 700);
  EXPECT_EQ(other.code, status.code) << other.detail;
  EXPECT_TRUE(out == first) << "threads gave " << out.size() << " of " << first.size();
  EXPECT_EQ(inspect(frames).status().code, status.code) << inspect(frames).status().detail;
  if (content != nullptr) *content = first;
  return status;
}

TEST(FrameOrder, FindsAStreamThatEndsTooEarly) {
  const Bytes content = text_bytes(9000);
  const std::vector<Bytes> parts = frames_of(content, 3);
  EXPECT_TRUE(verdict(joined({parts[0], parts[1], parts[2], parts[3]})).ok());
  Bytes given;
  EXPECT_EQ(verdict(parts[0], &given).code, Code::truncated);
  EXPECT_TRUE(given == Bytes(content.begin(), content.begin() + 3000));
  EXPECT_EQ(verdict(joined({parts[0], parts[1]}), &given).code, Code::truncated);
  EXPECT_EQ(given.size(), 6000u);
  // Without its table, which is a hint, the stream is whole.
  EXPECT_TRUE(verdict(joined({parts[0], parts[1], parts[2]})).ok());
}

TEST(FrameOrder, FindsFramesTakenOutSwappedDoubledAndForeign) {
  const std::vector<Bytes> a = frames_of(text_bytes(9000), 3);
  const std::vector<Bytes> b = frames_of(text_bytes(9000, 5), 3);
  const Bytes alone = encode(text_bytes(500));
  for (const Bytes& table : {Bytes{}, a[3]}) {
    EXPECT_EQ(verdict(joined({a[0], a[2], table})).code, Code::data_damaged) << "one is missing";
    EXPECT_EQ(verdict(joined({a[1], a[2], table})).code, Code::data_damaged) << "the first is missing";
    EXPECT_EQ(verdict(joined({a[0], a[1], a[1], a[2], table})).code, Code::data_damaged) << "doubled";
    EXPECT_EQ(verdict(joined({a[1], a[0], a[2], table})).code, Code::data_damaged) << "swapped";
    EXPECT_EQ(verdict(joined({a[0], alone, table})).code, Code::data_damaged) << "goes on as another";
    EXPECT_EQ(verdict(joined({a[0], b[0], b[1], b[2], table})).code, Code::data_damaged) << "restarts";
  }
  EXPECT_EQ(verdict(joined({a[0], b[1], a[2], a[3]})).code, Code::data_damaged)
      << "a frame of another stream in its place: only the table can tell";
}

TEST(FrameOrder, ASeekTableMustAgreeWithTheFrames) {
  const std::vector<Bytes> parts = frames_of(text_bytes(9000), 3);
  const Bytes frames = joined({parts[0], parts[1], parts[2]});
  EXPECT_EQ(verdict(joined({parts[0], parts[3], parts[1], parts[2]})).code, Code::data_damaged);
  EXPECT_EQ(verdict(joined({parts[3], frames})).code, Code::data_damaged);
  EXPECT_TRUE(verdict(joined({frames, parts[3], parts[3]})).ok());
  for (std::size_t at = 0; at < parts[3].size(); ++at) {
    Bytes damaged = joined({frames, parts[3]});
    damaged[frames.size() + at] ^= 0x04;
    const Status status = decode(damaged, *std::make_unique<Bytes>());
    // Another magic makes it a skippable frame of something else, which decoders may ignore.
    const bool still_skippable = at >= skippable_header_size && at < skippable_header_size + 4;
    EXPECT_EQ(status.ok(), still_skippable) << at;
  }
}

TEST(FrameOrder, ConcatenatedStreamsEachHaveTheirOwnTable) {
  const Bytes first = text_bytes(5000), second = text_bytes(4000, 3), third = text_bytes(100, 9);
  const Bytes frames = joined({encode(first, encoder_options(1000)), encode(third),
                               encode(second, encoder_options(900)), encode(third)});
  Bytes content;
  EXPECT_TRUE(verdict(frames, &content).ok());
  EXPECT_TRUE(content == joined({first, third, second, third}));
}

TEST(FrameOrder, PassesOverZerosBehindAStream) {
  const Bytes content = text_bytes(5000);
  const Bytes stream = encode(content, encoder_options(1000));
  for (const std::size_t zeros : {1u, 3u, 512u, 100000u}) {
    Bytes given;
    EXPECT_TRUE(verdict(joined({stream, Bytes(zeros, 0)}), &given).ok()) << zeros;
    EXPECT_TRUE(given == content);
    EXPECT_TRUE(verdict(joined({stream, Bytes(zeros, 0), stream, Bytes(zeros, 0)}), &given).ok());
    EXPECT_TRUE(given == joined({content, content}));
    EXPECT_EQ(verdict(joined({Bytes(zeros, 0), stream})).code, Code::not_a_frame) << "in front";
  }
  const std::vector<Bytes> parts = frames_of(content, 5);
  EXPECT_EQ(verdict(joined({parts[0], Bytes(512, 0)})).code, Code::not_a_frame) << "in place of a frame";
}

TEST(FrameOrder, TrailingBytesCostNothingOfWhatStandsBefore) {
  const Bytes content = text_bytes(50000);
  for (const std::uint64_t frame_size : {10000u, 1000000u}) {
    const Bytes stream = encode(content, encoder_options(frame_size));
    for (const Bytes& garbage :
         {Bytes{1}, text_bytes(50), Bytes{0, 0, 7}, Bytes{0xD3, 'S', 'M', 'Z', 99, 0}}) {
      Bytes given;
      EXPECT_FALSE(verdict(joined({stream, garbage}), &given).ok());
      EXPECT_TRUE(given == content);
    }
  }
}

TEST(FrameOrder, KilledCompressionsAreFoundWhereverTheyStop) {
  for (const std::uint64_t frame_size : {std::uint64_t{1000}, whole_frame_limit + 1}) {
    StreamEncoder encoder(encoder_options(frame_size));
    Bytes so_far;
    std::size_t tried = std::string::npos;
    for (unsigned i = 0; i < 12; ++i) {
      ASSERT_TRUE(encoder.update(text_bytes(700, i), append_to(so_far)).ok());
      if (so_far.size() == tried) continue;
      tried = so_far.size();
      EXPECT_EQ(verdict(so_far).code, Code::truncated) << tried;
    }
    ASSERT_TRUE(encoder.finish(append_to(so_far)).ok());
    EXPECT_TRUE(verdict(so_far).ok());
  }
}

TEST(FrameOrder, FramesEndWhereTheCallerSays) {
  for (const std::uint64_t frame_size : {std::uint64_t{10000}, whole_frame_limit + 1}) {
    StreamEncoder encoder(encoder_options(frame_size));
    Bytes stream;
    EXPECT_TRUE(encoder.end_frame(append_to(stream)).ok()) << "nothing to end";
    EXPECT_TRUE(encoder.update(text_bytes(700), append_to(stream)).ok());
    EXPECT_TRUE(encoder.end_frame(append_to(stream)).ok());
    EXPECT_TRUE(encoder.update(text_bytes(300, 2), append_to(stream)).ok());
    EXPECT_TRUE(encoder.end_frame(append_to(stream)).ok());
    EXPECT_TRUE(encoder.finish(append_to(stream)).ok());
    Bytes content;
    EXPECT_TRUE(verdict(stream, &content).ok());
    EXPECT_TRUE(content == joined({text_bytes(700), text_bytes(300, 2)}));
    EXPECT_EQ(inspect(stream).value().size(), 3u);
  }
}

TEST(FrameOrder, StoredFramesNeedNoMemoryAndNoVocabulary) {
  const Bytes content = random_bytes(plan_window + 100000);
  const Bytes frames = encode(content);
  for (const unsigned threads : {1u, 2u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    options.frame_memory_limit = 1;
    options.find_vocabulary = [](std::uint64_t) { return nullptr; };
    expect_decodes_to(frames, content, options);
  }
  ASSERT_TRUE(inspect(frames).ok());
  EXPECT_EQ(inspect(frames).value()[0].memory_needed, 0u);
}

}  // namespace
}  // namespace ssmz::codec
