// SPDX-License-Identifier: Apache-2.0
// The public coders with the real model: frames made from the input, then edited as the input says and
// mended. What was not edited comes back; what was gives an error or content, the same for any pieces; and
// whatever decodes also lists, with the same sizes.
#include "ssmz/ssmz.hpp"
#include "tests/fuzz/fuzz_mend.hpp"
#include "tests/fuzz/fuzz_tiny.hpp"

namespace {

using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;

constexpr std::size_t most_content = 600;
constexpr std::uint64_t most_output = 4096;

ssmz::Status decode(std::span<const std::uint8_t> frames, std::size_t piece, Bytes& out) {
  ssmz::DecompressOptions options;
  options.output_limit = most_output;
  options.memory_limit = std::uint64_t{1} << 28;
  options.vocabularies = {ssmz::fuzz::tiny_vocabulary()};
  auto decoder = ssmz::Decoder::create(options);
  require(decoder.ok(), "no decoder");
  ssmz::Status status;
  ssmz::fuzz::in_pieces(frames, piece, [&](std::span<const std::uint8_t> part) {
    status = decoder.value().update(part, out);
    return status.ok();
  });
  return status.ok() ? decoder.value().finish(out) : status;
}

void check_frames(std::span<const std::uint8_t> frames, std::size_t piece) {
  Bytes whole;
  Bytes pieces;
  const ssmz::Status status = decode(frames, 0, whole);
  require(whole.size() <= most_output, "the output limit was passed");
  if (piece != 0) {
    require(decode(frames, piece, pieces).code == status.code, "pieces change the status");
    require(pieces == whole, "pieces change the content");
  }
  if (!status.ok()) return;
  const auto listed = ssmz::inspect(frames);
  require(listed.ok(), "what decodes does not list");
  std::uint64_t total = 0;
  for (const ssmz::FrameInfo& frame : listed.value()) total += frame.content_size.value_or(0);
  require(total == whole.size(), "the list has other sizes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const unsigned shape = input.choice();
  const std::size_t piece = input.choice() % 16u;
  ssmz::CompressOptions options;
  options.level = shape % 8 == 7 ? 5 : 1;  // Mostly the cheapest; -5 has the network.
  options.frame_size = shape % 4 == 3 ? most_content / 3 : 0;
  options.checksum = shape % 16 < 8;
  options.vocabulary = ssmz::fuzz::tiny_vocabulary();
  ssmz::fuzz::Input edits = input;
  // The edits' choices are a part of the content too: nothing of the input is lost.
  const auto content = input.rest().first(std::min(input.rest().size(), most_content));
  const auto made = ssmz::compress(content, options);
  require(made.ok(), "compressing failed");
  Bytes frames = made.value();
  const bool edited = ssmz::fuzz::edit(edits, frames);
  if (shape >= 64) frames = ssmz::fuzz::with_header_checks(frames);
  if (shape >= 128) frames = ssmz::fuzz::with_seek_table(frames);
  check_frames(frames, piece);
  if (edited) return 0;
  Bytes back;
  require(decode(frames, piece, back).ok(), "decoding failed");
  require(std::equal(back.begin(), back.end(), content.begin(), content.end()), "the content changed");
  return 0;
}
