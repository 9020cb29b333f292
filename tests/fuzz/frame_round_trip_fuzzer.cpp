// SPDX-License-Identifier: Apache-2.0
// Any content in any pieces and frames comes back.
#include "codec/frame/stream_decoder.hpp"
#include "codec/frame/stream_encoder.hpp"
#include "tests/fake_coder.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::Status;
using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;

ssmz::Sink append_to(Bytes& out) {
  return [&out](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return Status{};
  };
}

Bytes encode(std::span<const std::uint8_t> content, std::uint64_t frame_size, std::size_t piece,
             unsigned threads) {
  ssmz::codec::StreamEncoderOptions options;
  options.threads = threads;
  options.frame_size = frame_size;
  options.vocabulary = std::make_shared<const ssmz::codec::Vocabulary>();
  options.factory = ssmz::codec::test::fake_factory();
  ssmz::codec::StreamEncoder encoder(options);
  Bytes out;
  const auto sink = append_to(out);
  ssmz::fuzz::in_pieces(content, piece, [&](std::span<const std::uint8_t> part) {
    require(encoder.update(part, sink).ok(), "update failed");
    return true;
  });
  require(encoder.finish(sink).ok(), "finish failed");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const std::size_t piece = input.choice();
  const std::uint64_t frame_size = 1 + std::uint64_t{input.choice()} * 64;
  // Few frames: each takes its time to set up.
  const auto content = input.rest().first(std::min<std::size_t>(input.rest().size(), frame_size * 20));
  const Bytes frames = encode(content, frame_size, piece, 1);
  require(frames == encode(content, frame_size, 0, 2), "pieces or threads change the frames");
  ssmz::codec::StreamDecoderOptions options;
  options.find_vocabulary = [](std::uint64_t) { return std::make_shared<const ssmz::codec::Vocabulary>(); };
  options.factory = ssmz::codec::test::fake_factory();
  ssmz::codec::StreamDecoder decoder(options);
  Bytes back;
  require(decoder.update(frames, append_to(back)).ok(), "decoding failed");
  require(decoder.finish(append_to(back)).ok(), "the frames are not complete");
  require(std::equal(back.begin(), back.end(), content.begin(), content.end()), "the content changed");
  return 0;
}
