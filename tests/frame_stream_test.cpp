// SPDX-License-Identifier: Apache-2.0
// What streams give when, and what they refuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

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

/// Feeds `frames` and waits until something comes out, at most 20 s.
Bytes first_output(StreamDecoder& decoder, std::span<const std::uint8_t> frames) {
  Bytes out;
  EXPECT_TRUE(decoder.update(frames, append_to(out)).ok());
  for (int i = 0; i < 2000 && out.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(decoder.update({}, append_to(out)).ok());
  }
  return out;
}

TEST(FrameStream, GivesContentBeforeItsFrameIsThere) {
  const Bytes content = joined({text_bytes(200000), random_bytes(200000), text_bytes(200000)});
  for (const std::uint64_t frame_size : {std::uint64_t{1} << 20, whole_frame_limit + 1}) {
    const Bytes frames = encode(content, encoder_options(frame_size), 10000);
    for (const unsigned threads : {1u, 2u, 4u}) {
      StreamDecoderOptions options = decoder_options();
      options.threads = threads;
      StreamDecoder decoder(options);
      Bytes out = first_output(decoder, std::span(frames).first(frames.size() / 2));
      EXPECT_FALSE(out.empty()) << threads;
      EXPECT_TRUE(std::equal(out.begin(), out.end(), content.begin()));
      EXPECT_TRUE(decoder.update(std::span(frames).subspan(frames.size() / 2), append_to(out)).ok());
      EXPECT_TRUE(decoder.finish(append_to(out)).ok());
      EXPECT_TRUE(out == content);
    }
  }
}

TEST(FrameStream, GivesOutputAsItIsCoded) {
  const Bytes content = text_bytes(3000000);
  for (const std::uint64_t frame_size : {std::uint64_t{2} << 20, whole_frame_limit + 1}) {
    for (const unsigned threads : {1u, 2u}) {
      StreamEncoderOptions options = encoder_options(frame_size);
      options.threads = threads;
      std::uint64_t coded = 0;
      options.progress = [&coded](std::uint64_t done) {
        coded = done;
        return true;
      };
      StreamEncoder encoder(options);
      std::uint64_t given = 0;
      std::optional<std::uint64_t> coded_at_first;
      Bytes out;
      const Sink sink = [&](std::span<const std::uint8_t> bytes) {
        if (!coded_at_first) coded_at_first = coded;
        EXPECT_LE(encoder.content_given() - given, longest_general_block * 5 / 4);
        given = encoder.content_given();
        return append_to(out)(bytes);
      };
      EXPECT_TRUE(encoder.update(content, sink).ok());
      EXPECT_TRUE(encoder.finish(sink).ok());
      EXPECT_EQ(encoder.content_given(), content.size());
      if (threads == 1) {
        EXPECT_LT(*coded_at_first, std::uint64_t{1} << 20);
      }
      expect_decodes_to(out, content);
    }
  }
}

TEST(FrameStream, ForwardsTheSinksErrorAmidAFrame) {
  for (const unsigned threads : {1u, 2u}) {
    StreamEncoderOptions options = encoder_options();
    options.threads = threads;
    StreamEncoder encoder(options);
    unsigned calls = 0;
    const Sink fails_late = [&calls](std::span<const std::uint8_t>) {
      return ++calls < 3 ? Status{} : Status{Code::io_error, "full"};
    };
    Status status = encoder.update(text_bytes(3000000), fails_late);
    if (status.ok()) status = encoder.finish(fails_late);
    EXPECT_EQ(status.code, Code::io_error);
    EXPECT_EQ(calls, 3u) << threads;
  }
}

TEST(FrameStream, GivesContentBeforeItsBlockIsDecoded) {
  const Bytes content = text_bytes(1000000);
  const Bytes frames = encode(content);
  for (const unsigned threads : {1u, 2u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    StreamDecoder decoder(options);
    std::size_t largest = 0;
    const Sink sink = [&](std::span<const std::uint8_t> bytes) {
      largest = std::max(largest, bytes.size());
      return Status{};
    };
    EXPECT_TRUE(decoder.update(frames, sink).ok());
    EXPECT_TRUE(decoder.finish(sink).ok());
    EXPECT_LE(largest, 16384u);
  }
}

TEST(FrameStream, GivesTheSameOfATruncatedFrameForAnyThreadCount) {
  const Bytes content = joined({text_bytes(20000), random_bytes(70000), text_bytes(30000, 2)});
  Bytes frames = joined({encode(text_bytes(3000)), encode(content)});
  frames.resize(frames.size() - 5000);
  Bytes one;
  EXPECT_EQ(decode(frames, one).code, Code::truncated);
  EXPECT_GT(one.size(), 90000u);
  for (const unsigned threads : {2u, 4u}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = threads;
    Bytes out;
    EXPECT_EQ(decode(frames, out, options, 999).code, Code::truncated);
    EXPECT_TRUE(out == one);
  }
}

/// Whether a decoder with four threads makes coders on others than the caller's.
bool uses_threads(const Bytes& content, std::uint64_t frame_size) {
  StreamDecoderOptions options = decoder_options();
  options.threads = 4;
  std::atomic<bool> others = false;
  options.factory = [&others, caller = std::this_thread::get_id(), make = options.factory](
                        const ModelParameters& parameters, std::shared_ptr<const Vocabulary> vocabulary) {
    if (std::this_thread::get_id() != caller) others = true;
    return make(parameters, std::move(vocabulary));
  };
  Bytes out;
  EXPECT_TRUE(decode(encode(content, encoder_options(frame_size)), out, options).ok());
  EXPECT_TRUE(out == content);
  return others;
}

TEST(FrameStream, HandsNoFramesToThreadsThatCostLessThanOne) {
  EXPECT_FALSE(uses_threads(text_bytes(20000), 256));
  EXPECT_TRUE(uses_threads(text_bytes(20000), 2000));
}

TEST(FrameStream, DecoderMayBeLeftInTheMiddleOfAFrame) {
  const Bytes frames = encode(joined({text_bytes(300000), random_bytes(100000)}), encoder_options(100000));
  for (const std::size_t size : {std::size_t{30}, frames.size() / 3, frames.size() - 1}) {
    StreamDecoderOptions options = decoder_options();
    options.threads = 3;
    StreamDecoder decoder(options);
    Bytes out;
    EXPECT_TRUE(decoder.update(std::span(frames).first(size), append_to(out)).ok());
  }
}

TEST(FrameStream, ForwardsTheSinksError) {
  StreamEncoder encoder(encoder_options());
  const Sink full = [](std::span<const std::uint8_t>) { return Status{Code::io_error, "the disk is full"}; };
  EXPECT_TRUE(encoder.update(text_bytes(100), full).ok());
  EXPECT_EQ(encoder.finish(full).code, Code::io_error);
}

// What they have written so far is theirs until they end: the thread sanitizer sees who looks.
TEST(FrameStream, ForwardsTheSinksErrorWhileLaterFramesAreCoded) {
  StreamEncoderOptions options = encoder_options(std::uint64_t{1} << 18);
  options.threads = 4;
  StreamEncoder encoder(options);
  const Sink full = [](std::span<const std::uint8_t>) { return Status{Code::io_error, "the disk is full"}; };
  Status status = encoder.update(text_bytes(std::size_t{1} << 20), full);
  if (status.ok()) status = encoder.finish(full);
  EXPECT_EQ(status.code, Code::io_error);
}

TEST(FrameStream, RefusesContentOfAnotherSizeThanAnnounced) {
  for (const std::uint64_t frame_size : {std::uint64_t{1} << 20, whole_frame_limit + 1}) {
    Bytes out;
    StreamEncoderOptions options = encoder_options(frame_size);
    options.content_size = 100;
    StreamEncoder shorter(options);
    EXPECT_TRUE(shorter.update(text_bytes(99), append_to(out)).ok());
    EXPECT_EQ(shorter.finish(append_to(out)).code, Code::size_mismatch);
    StreamEncoder longer(options);
    EXPECT_EQ(longer.update(text_bytes(101), append_to(out)).code, Code::size_mismatch);
  }
}

TEST(FrameStream, RefusesCallsAfterTheEnd) {
  Bytes out;
  StreamEncoder encoder(encoder_options());
  EXPECT_TRUE(encoder.finish(append_to(out)).ok());
  EXPECT_EQ(encoder.finish(append_to(out)).code, Code::bad_state);
  EXPECT_EQ(encoder.update(out, append_to(out)).code, Code::bad_state);
}

}  // namespace
}  // namespace ssmz::codec
