// SPDX-License-Identifier: Apache-2.0
// Streams by cursors: however input and room are cut, the frames and the content are those of one call.
#include "ssmz/cursor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "ssmz/archive.hpp"
#include "ssmz/ssmz.h"
#include "tests/test_data.hpp"

namespace ssmz {
namespace {

using test::Bytes;
using test::joined;
using test::random_bytes;
using test::text_bytes;

CompressOptions quick(std::uint64_t frame_size = 0) {
  CompressOptions options;
  options.level = 1;
  options.frame_size = frame_size;
  return options;
}

Bytes one_shot(const Bytes& content, const CompressOptions& options) {
  Bytes out;
  Encoder encoder = Encoder::create(options).value();
  EXPECT_TRUE(encoder.update(content, out).ok());
  EXPECT_TRUE(encoder.finish(out).ok());
  return out;
}

/// A call that fails the test when it fails, with room for at most `room` bytes, appended to `out`.
template <class Stream>
StreamState step(Stream& stream, std::span<const std::uint8_t>& in, std::size_t room, Bytes& out,
                 Operation operation) {
  Bytes buffer(room + 1, 0xEE);
  auto left = std::span(buffer).first(room);
  const auto state = stream.advance(in, left, operation);
  EXPECT_TRUE(state.ok()) << state.status().detail;
  EXPECT_EQ(buffer[room], 0xEE);
  out.insert(out.end(), buffer.begin(), buffer.end() - 1 - static_cast<std::ptrdiff_t>(left.size()));
  return state.ok() ? state.value() : StreamState::done;
}

/// Input and room in pieces of 1..most bytes.
template <class Stream>
Bytes by_pieces(Stream& stream, std::span<const std::uint8_t> in, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  const auto size = [&] { return 1 + random() % most; };
  Bytes out;
  StreamState state = StreamState::need_input;
  while (!in.empty() && state != StreamState::done) {
    auto piece = in.first(std::min<std::size_t>(in.size(), size()));
    const std::size_t before = piece.size();
    state = step(stream, piece, size(), out, Operation::run);
    in = in.subspan(before - piece.size());
    EXPECT_TRUE(state != StreamState::need_input || piece.empty());
  }
  while (state != StreamState::done) state = step(stream, in, size(), out, Operation::finish);
  return out;
}

class CursorPieces : public testing::TestWithParam<std::size_t> {};

TEST_P(CursorPieces, GiveTheFramesAndTheContentOfOneCall) {
  const Bytes content = joined({text_bytes(2500), random_bytes(700), text_bytes(300, 2)});
  const Bytes frames = one_shot(content, quick(1000));
  for (const unsigned threads : {1u, 2u}) {
    CompressOptions options = quick(1000);
    options.threads = threads;
    auto compressor = CursorCompressor::create(options);
    ASSERT_TRUE(compressor.ok());
    EXPECT_TRUE(by_pieces(compressor.value(), content, GetParam(), 1) == frames);
    auto decompressor = CursorDecompressor::create({.threads = threads});
    ASSERT_TRUE(decompressor.ok());
    EXPECT_TRUE(by_pieces(decompressor.value(), frames, GetParam(), 2) == content);
  }
}

INSTANTIATE_TEST_SUITE_P(UpTo, CursorPieces, testing::Values(1, 7, 300, 5000));

TEST(Cursor, FinishOfNothingGivesAFrameOfNothing) {
  auto compressor = CursorCompressor::create(quick());
  EXPECT_TRUE(by_pieces(compressor.value(), {}, 100, 1) == one_shot({}, quick()));
}

TEST(Cursor, ResetGoesOnAfterAnyState) {
  const Bytes content = text_bytes(800);
  const Bytes frames = one_shot(content, quick());
  auto compressor = CursorCompressor::create(quick()).value();
  auto decompressor = CursorDecompressor::create().value();
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(by_pieces(compressor, content, 200, 1) == frames);
    EXPECT_TRUE(by_pieces(decompressor, frames, 200, 1) == content);
    ASSERT_TRUE(compressor.reset().ok());
    ASSERT_TRUE(decompressor.reset().ok());
    // Half a stream, given up.
    std::span<const std::uint8_t> half(content.data(), 400);
    std::span<const std::uint8_t> half_frame(frames.data(), frames.size() / 2);
    Bytes ignored;
    EXPECT_EQ(step(compressor, half, 10, ignored, Operation::run), StreamState::need_input);
    step(decompressor, half_frame, 10, ignored, Operation::run);
    ASSERT_TRUE(compressor.reset().ok());
    ASSERT_TRUE(decompressor.reset().ok());
  }
}

TEST(Cursor, FlushedContentDecodesBeforeTheStreamEnds) {
  const Bytes content = text_bytes(900);
  auto compressor = CursorCompressor::create(quick()).value();
  std::span<const std::uint8_t> in = content;
  Bytes frames;
  while (step(compressor, in, 100, frames, Operation::flush) != StreamState::frame_end) continue;
  auto decompressor = CursorDecompressor::create().value();
  std::span<const std::uint8_t> given = frames;
  Bytes back;
  EXPECT_EQ(step(decompressor, given, 2000, back, Operation::run), StreamState::frame_end);
  EXPECT_TRUE(back == content);
  in = content;
  while (step(compressor, in, 100, frames, Operation::end_frame) != StreamState::frame_end) continue;
  while (step(compressor, in, 100, frames, Operation::finish) != StreamState::done) continue;
  EXPECT_TRUE(decompress(frames).value() == joined({content, content}));
  EXPECT_EQ(inspect(frames).value().size(), 3u);
}

TEST(Cursor, StopsBehindEachFrameAndLeavesWhatFollowsTheStream) {
  const Bytes content = text_bytes(2000);
  const Bytes stream = one_shot(content, quick(700));
  const auto frames = inspect(stream).value();
  const Bytes all = joined({stream, one_shot(text_bytes(100), quick()), Bytes{1, 2, 3}});
  auto decompressor = CursorDecompressor::create().value();
  std::span<const std::uint8_t> in = all;
  Bytes back;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const bool last = i + 1 == frames.size();
    EXPECT_EQ(step(decompressor, in, 10000, back, Operation::run),
              last ? StreamState::done : StreamState::frame_end);
    EXPECT_EQ(all.size() - in.size(), frames[i].offset + frames[i].frame_size);
  }
  EXPECT_TRUE(back == content);
  // The seek table is a stream of nothing, then comes the next stream, then what is none.
  ASSERT_TRUE(decompressor.reset().ok());
  EXPECT_EQ(step(decompressor, in, 10000, back, Operation::run), StreamState::done);
  EXPECT_EQ(all.size() - in.size(), stream.size());
  ASSERT_TRUE(decompressor.reset().ok());
  EXPECT_EQ(step(decompressor, in, 10000, back, Operation::run), StreamState::done);
  EXPECT_EQ(in.size(), 3u);
  ASSERT_TRUE(decompressor.reset().ok());
  std::span<std::uint8_t> none;
  EXPECT_EQ(decompressor.advance(in, none, Operation::finish).status().code, Code::not_a_frame);
}

TEST(Cursor, OutputOfMuchContentComesAsThereIsRoom) {
  const Bytes frames = one_shot(Bytes(600'000, 0), quick());
  auto decompressor = CursorDecompressor::create().value();
  std::span<const std::uint8_t> in = frames;
  std::size_t size = 0;
  Bytes out;
  while (step(decompressor, in, 4096, out, Operation::finish) != StreamState::done) {
    size += std::exchange(out, {}).size();
  }
  EXPECT_EQ(size + out.size(), 600'000u);
}

TEST(Cursor, ErrorsComeBehindTheContentBeforeThem) {
  const Bytes content = text_bytes(2000);
  Bytes frames = one_shot(content, quick(1000));
  frames[frames.size() * 3 / 4] ^= 1;
  auto decompressor = CursorDecompressor::create().value();
  std::span<const std::uint8_t> in = frames;
  Bytes back;
  EXPECT_EQ(step(decompressor, in, 10000, back, Operation::run), StreamState::frame_end);
  EXPECT_TRUE(std::equal(back.begin(), back.end(), content.begin()));
  Bytes buffer(10000);
  std::span<std::uint8_t> room = buffer;
  EXPECT_EQ(decompressor.advance(in, room, Operation::finish).status().code, Code::data_damaged);
  // Cut off; then nothing at all.
  for (const std::size_t size : {frames.size() / 4, std::size_t{3}, std::size_t{0}}) {
    ASSERT_TRUE(decompressor.reset().ok());
    in = std::span(frames).first(size);
    room = buffer;
    EXPECT_EQ(decompressor.advance(in, room, Operation::finish).status().code, Code::truncated);
  }
}

TEST(Cursor, RefusesOperationsOutOfTurn) {
  auto compressor = CursorCompressor::create(quick()).value();
  const Bytes content = text_bytes(300);
  std::span<const std::uint8_t> in = content;
  std::span<std::uint8_t> none;
  EXPECT_EQ(compressor.advance(in, none, Operation::finish).value(), StreamState::need_output);
  in = content;
  EXPECT_EQ(compressor.advance(in, none, Operation::run).status().code, Code::bad_argument);
  Bytes out;
  in = {};
  while (step(compressor, in, 100, out, Operation::finish) != StreamState::done) continue;
  in = content;
  EXPECT_EQ(compressor.advance(in, none, Operation::run).status().code, Code::bad_state);
  auto decompressor = CursorDecompressor::create().value();
  EXPECT_EQ(decompressor.advance(in, none, Operation::flush).status().code, Code::bad_argument);
}

TEST(Cursor, AnotherThreadCancels) {
  std::atomic<bool> coding = false;
  CompressOptions options = quick();
  options.progress = [&](std::uint64_t) {
    coding = true;
    coding.notify_all();
    return true;
  };
  auto compressor = CursorCompressor::create(options).value();
  // Seconds of work, of which the other thread leaves a beginning.
  const Bytes content = text_bytes(2'000'000);
  std::span<const std::uint8_t> in = content;
  std::thread other([&] {
    coding.wait(false);
    compressor.cancel();
  });
  std::span<std::uint8_t> none;
  const auto state = compressor.advance(in, none, Operation::finish);
  other.join();
  EXPECT_EQ(state.status().code, Code::cancelled);
  ASSERT_TRUE(compressor.reset().ok());
  EXPECT_TRUE(by_pieces(compressor, text_bytes(300), 100, 1) == one_shot(text_bytes(300), quick()));
}

TEST(Cursor, MemoryIsKnownBeforehand) {
  CompressOptions options = quick(100'000);
  options.content_size = 350'000;
  const std::uint64_t model = memory_needed(1, 100'000).value();
  EXPECT_EQ(memory_needed(options).value(), model + 300'000);
  options.threads = 3;
  EXPECT_EQ(memory_needed(options).value(), 3 * (model + 200'000) + 100'000);
  options.threads = 9;  // no more than there are frames
  EXPECT_EQ(memory_needed(options).value(), 4 * (model + 200'000) + 100'000);
  options.level = 99;
  EXPECT_EQ(memory_needed(options).status().code, Code::bad_argument);
  std::uint64_t bytes = 1;
  EXPECT_EQ(ssmz_compress_memory(nullptr, nullptr), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_compress_memory(nullptr, &bytes), SSMZ_OK);
  EXPECT_EQ(bytes, memory_needed(CompressOptions{}).value());
}

TEST(Cursor, CInterfaceDoesTheSame) {
  const Bytes content = text_bytes(1500);
  ssmz_compress_options options;
  ssmz_compress_options_init(&options, sizeof(options));
  options.level = 1;
  ssmz_compressor* compressor = nullptr;
  ASSERT_EQ(ssmz_compressor_create(&options, &compressor), SSMZ_OK);
  Bytes frames(5000);
  ssmz_input in{content.data(), content.size(), 0};
  ssmz_output out{frames.data(), 0, 0};
  ssmz_stream_state state = SSMZ_NEED_INPUT;
  while (state != SSMZ_DONE) {
    out.size = std::min(frames.size(), out.position + 50);
    ASSERT_EQ(ssmz_compressor_advance(compressor, &in, &out, SSMZ_FINISH, &state), SSMZ_OK);
  }
  frames.resize(out.position);
  EXPECT_TRUE(frames == one_shot(content, quick()));
  EXPECT_EQ(ssmz_compressor_reset(compressor), SSMZ_OK);
  ssmz_compressor_cancel(compressor);
  in.position = 0;
  EXPECT_EQ(ssmz_compressor_advance(compressor, &in, &out, SSMZ_RUN, &state), SSMZ_CANCELLED);
  EXPECT_STRNE(ssmz_compressor_detail(compressor), "");
  ssmz_compressor_free(compressor);

  ssmz_decompressor* decompressor = nullptr;
  ASSERT_EQ(ssmz_decompressor_create(nullptr, &decompressor), SSMZ_OK);
  frames.push_back('x');
  Bytes back(2000);
  in = {frames.data(), frames.size(), 0};
  out = {back.data(), back.size(), 0};
  ASSERT_EQ(ssmz_decompressor_advance(decompressor, &in, &out, SSMZ_RUN, &state), SSMZ_OK);
  EXPECT_EQ(state, SSMZ_DONE);
  EXPECT_EQ(in.position, frames.size() - 1);
  back.resize(out.position);
  EXPECT_TRUE(back == content);
  EXPECT_EQ(ssmz_decompressor_reset(decompressor), SSMZ_OK);
  out.position = out.size + 1;
  EXPECT_EQ(ssmz_decompressor_advance(decompressor, &in, &out, SSMZ_RUN, &state), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decompressor_advance(decompressor, nullptr, &out, SSMZ_RUN, &state), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decompressor_advance(nullptr, &in, &out, SSMZ_RUN, &state), SSMZ_BAD_ARGUMENT);
  EXPECT_EQ(ssmz_decompressor_reset(nullptr), SSMZ_BAD_ARGUMENT);
  ssmz_decompressor_cancel(nullptr);
  ssmz_compressor_cancel(nullptr);
  EXPECT_STREQ(ssmz_decompressor_detail(nullptr), "");
  ssmz_decompressor_free(decompressor);
}

}  // namespace
}  // namespace ssmz
