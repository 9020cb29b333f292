// SPDX-License-Identifier: Apache-2.0
// Encoding and decoding streams of frames with the quick model, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/frame/stream_decoder.hpp"
#include "codec/frame/stream_encoder.hpp"
#include "tests/fake_coder.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec::test {

using ssmz::test::Bytes;

inline Sink append_to(Bytes& out) {
  return [&out](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return Status{};
  };
}

inline StreamEncoderOptions encoder_options(std::uint64_t frame_size = 1 << 26) {
  return {.frame_size = frame_size,
          .vocabulary = std::make_shared<const Vocabulary>(),
          .factory = fake_factory()};
}

inline StreamDecoderOptions decoder_options() {
  return {.find_vocabulary = [](std::uint64_t) { return std::make_shared<const Vocabulary>(); },
          .factory = fake_factory()};
}

inline Bytes encode(const Bytes& content, StreamEncoderOptions options = encoder_options(),
                    std::size_t chunk = 0) {
  StreamEncoder encoder(std::move(options));
  Bytes out;
  const Sink sink = append_to(out);
  std::span<const std::uint8_t> rest = content;
  while (!rest.empty()) {
    const auto part = rest.first(chunk == 0 ? rest.size() : std::min(chunk, rest.size()));
    EXPECT_TRUE(encoder.update(part, sink).ok());
    rest = rest.subspan(part.size());
  }
  EXPECT_TRUE(encoder.finish(sink).ok());
  return out;
}

inline Status decode(const Bytes& frames, Bytes& out, StreamDecoderOptions options = decoder_options(),
                     std::size_t chunk = 0) {
  StreamDecoder decoder(std::move(options));
  const Sink sink = append_to(out);
  std::span<const std::uint8_t> rest = frames;
  while (!rest.empty()) {
    const auto part = rest.first(chunk == 0 ? rest.size() : std::min(chunk, rest.size()));
    if (const Status status = decoder.update(part, sink); !status.ok()) return status;
    rest = rest.subspan(part.size());
  }
  return decoder.finish(sink);
}

inline void expect_decodes_to(const Bytes& frames, const Bytes& content,
                              StreamDecoderOptions options = decoder_options(), std::size_t chunk = 0) {
  Bytes out;
  const Status status = decode(frames, out, std::move(options), chunk);
  EXPECT_TRUE(status.ok()) << to_string(status.code) << ": " << status.detail << " at " << status.offset;
  EXPECT_TRUE(out == content);
}

}  // namespace ssmz::codec::test
