// SPDX-License-Identifier: Apache-2.0
// Frames made by hand that no encoder writes: copies that stand for much, blocks written from plainer bytes
// that are not so written. They are refused or decoded alike through every interface, can be stopped, and
// hold little.
#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "codec/frame/header.hpp"
#include "codec/transform/transform.hpp"
#include "ssmz/archive.hpp"
#include "ssmz/ssmz.h"
#include "tests/allocated.hpp"
#include "tests/frame_rig.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::random_bytes;

constexpr std::uint64_t MiB = std::uint64_t{1} << 20;

Bytes header_of(codec::FrameHeader header) {
  Bytes bytes;
  codec::append_frame_header(header, bytes);
  return bytes;
}

void append_block(codec::BlockType type, std::size_t raw, const Bytes& data, Bytes& frame) {
  codec::append_block_header({.type = type,
                              .raw_size = static_cast<std::uint32_t>(raw),
                              .coded_size = static_cast<std::uint32_t>(data.size())},
                             frame);
  frame.insert(frame.end(), data.begin(), data.end());
}

/// A byte, and so many copies of 2^24 of it each; without a checksum.
Bytes run_of(unsigned copies, bool with_size) {
  codec::FrameHeader header;
  header.has_checksum = false;
  if (with_size) header.content_size = std::uint64_t{copies} * codec::max_block_size + 1;
  Bytes frame = header_of(header);
  append_block(codec::BlockKind::stored, 1, {'a'}, frame);
  for (unsigned i = 0; i < copies; ++i)
    append_block({codec::BlockKind::copy, 1}, codec::max_block_size, {}, frame);
  codec::append_block_header({.role = codec::BlockRole::end}, frame);
  return frame;
}

TEST(HostileFrame, OfCopiesIsToldWithoutDecodingAndBounded) {
  const Bytes frame = run_of(1000, false);
  EXPECT_LE(frame.size(), 7000u);
  const auto listed = inspect(frame);
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed.value().front().content_size, 1000ull * codec::max_block_size + 1);
  for (const unsigned threads : {1u, 2u}) {
    std::uint64_t given = 0;
    auto decoder = Decoder::create({.threads = threads, .output_limit = 20 * MiB});
    const Status status = decoder.value().update(frame, [&](std::span<const std::uint8_t> piece) {
      given += piece.size();
      return Status{};
    });
    EXPECT_EQ(status.code, Code::output_limit);
    EXPECT_LE(given, 20 * MiB);
  }
}

TEST(HostileFrame, OfCopiesReportsAndStops) {
  for (const unsigned threads : {1u, 2u}) {
    for (const bool with_size : {false, true}) {
      const Bytes frame = run_of(6, with_size);  // 96 MiB
      std::set<std::uint64_t> reports;
      std::uint64_t given = 0;
      const auto decode = [&](std::uint64_t last) {
        reports.clear();
        given = 0;
        auto decoder = Decoder::create({.threads = threads, .progress = [&](std::uint64_t done) {
                                          reports.insert(done);
                                          return done < last;
                                        }});
        const Sink sink = [&](std::span<const std::uint8_t> piece) {
          given += piece.size();
          return Status{};
        };
        const Status status = decoder.value().update(frame, sink);
        return status.ok() ? decoder.value().finish(sink) : status;
      };
      EXPECT_TRUE(decode(~std::uint64_t{0}).ok());
      EXPECT_EQ(given, 6ull * codec::max_block_size + 1);
      EXPECT_EQ(*reports.rbegin(), given);
      EXPECT_GE(reports.size(), threads == 1 || !with_size ? 100u : 1u);
      EXPECT_EQ(decode(1).code, Code::cancelled);
      EXPECT_LE(given, threads == 1 || !with_size ? codec::max_block_size : 6ull * codec::max_block_size + 1);
    }
  }
}

TEST(HostileFrame, OfCopiesStopsThroughTheInterfaceOfC) {
  const Bytes frame = run_of(6, false);
  ssmz_decompress_options options;
  ssmz_decompress_options_init(&options, sizeof(options));
  ssmz_decoder* decoder = nullptr;
  ASSERT_EQ(ssmz_decoder_create(&options, &decoder), SSMZ_OK);
  std::uint64_t given = 0;
  const ssmz_sink sink = [](void* context, const uint8_t*, size_t size) {
    auto& sum = *static_cast<std::uint64_t*>(context);
    sum += size;
    return sum < MiB ? 0 : 1;
  };
  EXPECT_NE(ssmz_decoder_update(decoder, frame.data(), frame.size(), sink, &given), SSMZ_OK);
  EXPECT_LE(given, 2 * MiB);
  ssmz_decoder_free(decoder);
}

// What a frame decoded by a thread gives waits for the caller: if that is more than the limit it is decoded
// on the spot.
TEST(HostileFrame, OfCopiesHoldsNoMoreThanTheLimitAllows) {
  const auto before = allocated();
  if (!before) GTEST_SKIP() << "the allocator does not tell";
  const Bytes frame = run_of(7, true);
  std::uint64_t most = 0;
  auto decoder = Decoder::create({.threads = 2, .memory_limit = 20 * MiB});
  const Sink sink = [&](std::span<const std::uint8_t>) {
    if (most == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the rest would be there by then
    most = std::max(most, *allocated() - std::min(*allocated(), *before));
    return Status{};
  };
  EXPECT_TRUE(decoder.value().update(frame, sink).ok());
  EXPECT_TRUE(decoder.value().finish(sink).ok());
  EXPECT_LE(most, 20 * MiB);
}

TEST(HostileFrame, OfMuchContentIsRecoveredInPieces) {
  const Bytes frame = run_of(9, false);  // more than 128 MiB
  const Bytes small = run_of(1, false);
  std::uint64_t largest = 0;
  std::vector<std::uint64_t> contents;
  const IntactFrameSink sink = [&](const IntactFrame& found, std::span<const std::uint8_t> content) {
    if (found.content_offset == 0) contents.push_back(0);
    EXPECT_EQ(found.content_offset, contents.back());
    EXPECT_EQ(found.offset, contents.size() == 1 ? 3u : 3 + frame.size());
    if (contents.size() == 1) largest = std::max<std::uint64_t>(largest, content.size());
    contents.back() += content.size();
    return Status{};
  };
  EXPECT_TRUE(recover(joined({{1, 2, 3}, frame, small, {4}}), sink).ok());
  EXPECT_EQ(contents,
            (std::vector<std::uint64_t>{9ull * codec::max_block_size + 1, codec::max_block_size + 1}));
  EXPECT_LE(largest, codec::max_block_size);
  contents.clear();
  EXPECT_TRUE(recover(frame, sink, {.output_limit = 100 * MiB}).ok());
  EXPECT_TRUE(contents.empty());
}

Status decoded(const Bytes& frames, std::size_t piece, unsigned threads, Bytes& out) {
  static const Vocabulary vocabulary = Vocabulary::parse(codec::samples::small_file()).value();
  auto decoder = Decoder::create({.threads = threads, .output_limit = MiB, .vocabularies = {vocabulary}});
  for (std::size_t at = 0; at < frames.size(); at += piece) {
    const auto part = std::span(frames).subspan(at, std::min(piece, frames.size() - at));
    if (const Status status = decoder.value().update(part, out); !status.ok()) return status;
  }
  return decoder.value().finish(out);
}

std::uint64_t small_vocabulary() { return Vocabulary::parse(codec::samples::small_file()).value().hash(); }

// Of what each block says nothing holds; and what can be written at all costs no more than its data.
TEST(HostileFrame, OfBlocksThatAreNotWrittenAsTheySayIsRefusedAlike) {
  unsigned checked = 0;
  for (unsigned transform = 0; transform < 9; ++transform)
    for (unsigned kind = 0; kind < 4; ++kind)
      for (const unsigned flags : {0u, 1u, 2u, 4u, 7u})
        for (const unsigned line : {0u, 1u, 4095u})
          for (const std::uint32_t plain : {1u, 30u, 1u << 24}) {
            const codec::TransformLayout layout{.transform = static_cast<codec::Transform>(transform),
                                                .kind = static_cast<std::uint8_t>(kind),
                                                .crlf = (flags & 1) != 0,
                                                .upper_case = (flags & 2) != 0,
                                                .ends_line = (flags & 4) != 0,
                                                .line = static_cast<std::uint16_t>(line),
                                                .plain_size = plain};
            if (!codec::valid_transform_layout(layout.packed())) continue;
            for (const std::size_t raw : {std::size_t{40}, std::size_t{60}, std::size_t{1} << 24}) {
              codec::FrameHeader header;
              header.has_checksum = false;
              header.model.emplace();
              header.model->vocabulary_hash = small_vocabulary();
              header.model->parameters = *codec::parameters_for(1, raw, 0);
              header.content_size = raw;
              Bytes frame = header_of(header);
              append_block({codec::BlockKind::transformed, layout.packed()}, raw, random_bytes(30, plain),
                           frame);
              codec::append_block_header({.role = codec::BlockRole::end}, frame);
              Bytes whole, pieces, threaded;
              const Status status = decoded(frame, frame.size(), 1, whole);
              EXPECT_EQ(decoded(frame, 1, 1, pieces).code, status.code);
              EXPECT_EQ(decoded(frame, 7, 2, threaded).ok(), status.ok());
              EXPECT_TRUE(pieces == whole);
              if (!codec::can_write(layout, raw)) {
                EXPECT_EQ(status.code, Code::data_damaged);
                EXPECT_FALSE(inspect(frame).ok());
              }
              if (status.ok()) {
                EXPECT_EQ(whole.size(), raw);
                EXPECT_TRUE(threaded == whole);
              }
              ++checked;
            }
          }
  EXPECT_GT(checked, 200u);
}

}  // namespace
}  // namespace ssmz
