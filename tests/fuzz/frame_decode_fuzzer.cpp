// SPDX-License-Identifier: Apache-2.0
// Any bytes as a stream of frames, in pieces, with one and two threads: an error or content, the same each
// time. Once as they are, once with the headers' checks put right.
#include "codec/frame/stream_decoder.hpp"
#include "tests/fake_coder.hpp"
#include "tests/fuzz/fuzz_mend.hpp"

namespace {

using ssmz::Code;
using ssmz::Status;
using ssmz::fuzz::Bytes;

constexpr std::uint64_t most_output = std::uint64_t{1} << 18;

Status decode(std::span<const std::uint8_t> frames, std::size_t piece, unsigned threads, Bytes& out) {
  ssmz::codec::StreamDecoderOptions options;
  options.threads = threads;
  options.output_limit = most_output;
  options.find_vocabulary = [](std::uint64_t) { return std::make_shared<const ssmz::codec::Vocabulary>(); };
  options.factory = ssmz::codec::test::fake_factory();
  ssmz::codec::StreamDecoder decoder(options);
  const ssmz::Sink sink = [&](std::span<const std::uint8_t> bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
    return Status{};
  };
  Status status;
  ssmz::fuzz::in_pieces(frames, piece, [&](std::span<const std::uint8_t> part) {
    status = decoder.update(part, sink);
    return status.ok();
  });
  return status.ok() ? decoder.finish(sink) : status;
}

void check_frames(std::span<const std::uint8_t> frames, std::size_t piece) {
  Bytes whole;
  Bytes pieces;
  Bytes threaded;
  const Status status = decode(frames, 0, 1, whole);
  ssmz::fuzz::require(decode(frames, piece, 1, pieces).code == status.code, "pieces change the status");
  ssmz::fuzz::require(pieces == whole, "pieces change the content");
  const bool good = decode(frames, piece, 2, threaded).ok();
  ssmz::fuzz::require(good == status.ok(), "threads change success");
  ssmz::fuzz::require(!good || threaded == whole, "threads change the content");
  ssmz::fuzz::require(whole.size() <= most_output, "the output limit was passed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const std::size_t piece = input.choice();
  check_frames(input.rest(), piece);
  check_frames(ssmz::fuzz::with_header_checks(input.rest()), piece);
  return 0;
}
