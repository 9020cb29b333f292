// SPDX-License-Identifier: Apache-2.0
// Vocabulary files of others under the text model: what parses must code any text both ways.
#include "codec/block/block_coder.hpp"
#include "tests/fuzz/fuzz_mend.hpp"
#include "tests/fuzz/fuzz_tiny.hpp"

namespace {

using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ssmz::codec::BlockCoder;
  using ssmz::codec::BlockKind;
  ssmz::fuzz::Input input(data, size);
  static const Bytes small = ssmz::codec::samples::small_file();
  Bytes file = small;
  for (unsigned rounds = input.choice() % 4u; rounds > 0; --rounds) ssmz::fuzz::edit(input, file);
  const auto vocabulary = ssmz::codec::Vocabulary::parse(ssmz::fuzz::with_vocabulary_checksum(file));
  if (!vocabulary.ok()) return 0;
  const ssmz::codec::ModelParameters parameters{.level = 1, .table_log2 = 18};
  const auto text = input.rest().first(std::min<std::size_t>(input.rest().size(), 500));
  if (text.empty()) return 0;
  const auto progress = [](std::uint64_t) { return true; };
  auto encoder = BlockCoder::create(parameters, vocabulary.value());
  require(encoder.ok(), "no coder");
  Bytes coded;
  require(encoder.value()->encode(BlockKind::text, text, coded, progress).ok(), "encoding failed");
  auto decoder = BlockCoder::create(parameters, vocabulary.value());
  require(decoder.ok(), "no coder");
  Bytes back;
  require(decoder.value()->decode(BlockKind::text, coded, text.size(), back, progress).ok(),
          "decoding failed");
  require(std::equal(back.begin(), back.end(), text.begin(), text.end()), "the text changed");
  return 0;
}
