// SPDX-License-Identifier: Apache-2.0
// Archives of many frames: joined, read at any place, recovered.
#include "ssmz/archive.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/frame/joiner.hpp"
#include "tests/frame_rig.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::random_bytes;
using test::record_bytes;
using test::text_bytes;

Bytes compressed(const Bytes& content, std::uint64_t frame_size = 0) {
  return compress(content, {.level = 1, .frame_size = frame_size}).value();
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t size) {
  const auto start = bytes.begin() + static_cast<std::ptrdiff_t>(from);
  return {start, start + static_cast<std::ptrdiff_t>(size)};
}

/// Reads from memory and counts.
struct Source {
  Bytes bytes;
  std::uint64_t read = 0;

  ReadAt reader() {
    return [this](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
      if (offset > bytes.size() || out.size() > bytes.size() - offset)
        return {Code::io_error, "beyond the end"};
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
      read += out.size();
      return {};
    };
  }
};

Result<Bytes> joined_streams(const Bytes& streams, std::size_t piece = 1 << 20) {
  Joiner joiner = Joiner::create().value();
  Bytes out;
  const Sink sink = codec::test::append_to(out);
  for (std::size_t at = 0; at < streams.size(); at += piece) {
    const auto part = std::span(streams).subspan(at, std::min(piece, streams.size() - at));
    if (const Status status = joiner.update(part, sink); !status.ok()) return status;
  }
  if (const Status status = joiner.finish(sink); !status.ok()) return status;
  return out;
}

TEST(ArchiveJoiner, GivesWhatOneEncoderWouldHaveGiven) {
  const Bytes content = joined({text_bytes(2500), random_bytes(1500)});
  const Bytes whole = compressed(content, 1000);
  Bytes parts;
  for (std::size_t at = 0; at < content.size(); at += 1000)
    parts = joined({parts, compressed(slice(content, at, 1000))});
  for (const std::size_t piece : {1u, 7u, 1000u, 100000u})
    EXPECT_TRUE(joined_streams(parts, piece).value() == whole) << piece;
  EXPECT_TRUE(joined_streams(joined({compressed(slice(content, 0, 2000), 1000), Bytes(512, 0),
                                     compressed(slice(content, 2000, 2000), 1000)}))
                  .value() == whole);
  EXPECT_TRUE(joined_streams(whole).value() == whole);
  const Bytes alone = compressed(content);
  EXPECT_TRUE(joined_streams(alone).value() == alone);
}

TEST(ArchiveJoiner, RefusesWhatIsNotWhole) {
  const Bytes stream = compressed(text_bytes(2500), 1000);
  EXPECT_EQ(joined_streams({}).status().code, Code::truncated);
  EXPECT_EQ(joined_streams(text_bytes(100)).status().code, Code::not_a_frame);
  for (std::size_t size = 1; size < stream.size(); size += 3) {
    // A cut right behind the last frame costs only the table.
    const auto status = joined_streams(slice(stream, 0, size)).status();
    const bool whole = decompress(slice(stream, 0, size)).ok();
    EXPECT_EQ(status.ok(), whole) << size;
  }
  const std::vector<FrameInfo> frames = inspect(stream).value();
  EXPECT_FALSE(joined_streams(slice(stream, frames[1].offset, stream.size() - frames[1].offset)).ok());
}

TEST(ArchiveIndex, FindsFramesWithAndWithoutATable) {
  const Bytes content = joined({text_bytes(5200), random_bytes(20000)});
  const Bytes stream = compressed(content, 1000);
  const Bytes alone = compressed(text_bytes(700));
  const Bytes skippable = {0xD3, 'S', 'M', 'K', 3, 0, 0, 0, 1, 2, 3};
  for (const Bytes& archive :
       {stream, joined({stream, Bytes(5000, 0)}), joined({alone, stream}), joined({stream, alone}),
        joined({skippable, alone, skippable, stream}), alone}) {
    Source source{archive};
    const auto index = FrameIndex::read(archive.size(), source.reader());
    ASSERT_TRUE(index.ok()) << index.status().detail;
    const std::vector<FrameInfo> frames = inspect(archive).value();
    ASSERT_EQ(index.value().frames().size(), frames.size());
    std::uint64_t content_offset = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      EXPECT_EQ(index.value().frames()[i].offset, frames[i].offset);
      EXPECT_EQ(index.value().frames()[i].size, frames[i].frame_size);
      EXPECT_EQ(index.value().frames()[i].content_offset, content_offset);
      content_offset += *frames[i].content_size;
      EXPECT_EQ(index.value().frame_at(content_offset - 1), i);
    }
    EXPECT_EQ(index.value().content_size(), content_offset);
    EXPECT_EQ(index.value().frame_at(content_offset), frames.size());
  }
}

TEST(ArchiveIndex, ReadsOnlyWhatHoldsTheRange) {
  const Bytes content = joined({random_bytes(50000), text_bytes(3000)});
  Source source{compressed(content, 1000)};
  const FrameIndex index = FrameIndex::read(source.bytes.size(), source.reader()).value();
  EXPECT_LT(source.read, 1000u) << "the table alone";
  for (const auto& [offset, length] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 1}, {999, 2}, {25000, 100}, {49999, 1500}, {52900, 100}, {10000, 0}}) {
    for (const unsigned threads : {1u, 3u}) {
      source.read = 0;
      Bytes out;
      const Status status = decompress_range(index, source.reader(), offset, length,
                                             codec::test::append_to(out), {.threads = threads});
      ASSERT_TRUE(status.ok()) << status.detail;
      EXPECT_TRUE(out == slice(content, offset, length)) << offset;
      EXPECT_LT(source.read, 4000u);
    }
  }
  Bytes out;
  EXPECT_TRUE(decompress_range(index, source.reader(), 52990, 1000, codec::test::append_to(out)).ok());
  EXPECT_EQ(out.size(), 10u) << "as much as there is";
  EXPECT_TRUE(decompress_range(index, source.reader(), ~0ull, 1, codec::test::append_to(out)).ok());
  EXPECT_EQ(out.size(), 10u);
}

TEST(ArchiveIndex, RefusesDamage) {
  const Bytes content = random_bytes(9000);
  const Bytes stream = compressed(content, 1000);
  const std::vector<FrameInfo> frames = inspect(stream).value();
  Source source{stream};
  const FrameIndex index = FrameIndex::read(stream.size(), source.reader()).value();
  source.bytes[frames[4].offset + 200] ^= 1;
  Bytes out;
  EXPECT_EQ(decompress_range(index, source.reader(), 4500, 10, codec::test::append_to(out)).code,
            Code::data_damaged);
  EXPECT_TRUE(decompress_range(index, source.reader(), 5000, 10, codec::test::append_to(out)).ok());
  Source unfinished{slice(stream, 0, frames[4].offset)};
  EXPECT_EQ(FrameIndex::read(unfinished.bytes.size(), unfinished.reader()).status().code, Code::truncated);
}

TEST(ArchiveSkippable, IsPassedOver) {
  Bytes archive;
  EXPECT_TRUE(append_skippable(text_bytes(50), archive).ok());
  archive = joined({archive, compressed(text_bytes(100))});
  EXPECT_TRUE(append_skippable({}, archive).ok());
  EXPECT_TRUE(decompress(archive).value() == text_bytes(100));
  EXPECT_EQ(append_skippable(Bytes{0xD3, 'S', 'M', 'I', 1}, archive).code, Code::bad_argument);
}

struct Recovered {
  std::vector<IntactFrame> frames;
  Bytes content;
  Status status;
};

Recovered recovered(const Bytes& data, const DecompressOptions& options = {}) {
  Recovered all;
  all.status = recover(
      data,
      [&](const IntactFrame& frame, std::span<const std::uint8_t> content) {
        all.frames.push_back(frame);
        all.content.insert(all.content.end(), content.begin(), content.end());
        return Status{};
      },
      options);
  return all;
}

TEST(ArchiveRecovery, GivesAllButTheDamagedFrames) {
  const Bytes content = joined({text_bytes(5000), record_bytes(3000), random_bytes(2000)});
  const Bytes stream = compressed(content, 1000);
  const std::vector<FrameInfo> frames = inspect(stream).value();
  ASSERT_EQ(frames.size(), 10u);
  const auto middle = [&](std::size_t i) { return frames[i].offset + frames[i].frame_size / 2; };
  const auto without = [&](std::size_t lost) {
    return joined({slice(content, 0, lost * 1000), slice(content, (lost + 1) * 1000, (9 - lost) * 1000)});
  };
  EXPECT_TRUE(recovered(stream).content == content);
  for (const std::size_t lost : {0u, 4u, 9u}) {
    Bytes overwritten = stream;
    std::fill_n(overwritten.begin() + static_cast<std::ptrdiff_t>(middle(lost)), 20, std::uint8_t{0xAA});
    Bytes cut = joined(
        {slice(stream, 0, middle(lost)), slice(stream, middle(lost) + 9, stream.size() - middle(lost) - 9)});
    Bytes inserted = joined({slice(stream, 0, middle(lost)), text_bytes(40),
                             slice(stream, middle(lost), stream.size() - middle(lost))});
    for (const Bytes& damaged : {overwritten, cut, inserted}) {
      const Recovered all = recovered(damaged);
      EXPECT_TRUE(all.status.ok());
      EXPECT_TRUE(all.content == without(lost)) << lost;
      ASSERT_EQ(all.frames.size(), 9u);
      EXPECT_EQ(all.frames[8].number, lost == 9 ? 8u : 9u);
    }
  }
  EXPECT_TRUE(recovered(joined({text_bytes(300), stream, text_bytes(5)})).content == content);
}

TEST(ArchiveRecovery, SaysWhatStandsInTheWay) {
  EXPECT_TRUE(recovered({}).status.ok());
  EXPECT_TRUE(recovered(text_bytes(1000)).frames.empty());
  EXPECT_EQ(recovered(compressed(text_bytes(1000)), {.memory_limit = 1}).status.code, Code::memory_limit);
}

}  // namespace
}  // namespace ssmz
