// SPDX-License-Identifier: Apache-2.0
// Any bytes as coded blocks of the real model: an error or as many bytes as were asked for.
#include "codec/block/block_coder.hpp"
#include "tests/fuzz/fuzz_tiny.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ssmz::codec::BlockCoder;
  using ssmz::codec::BlockKind;
  ssmz::fuzz::Input input(data, size);
  const std::uint8_t choice = input.choice();
  const std::size_t raw_size = 1 + std::size_t{input.choice()} * 4;
  // Mostly the cheapest level: the others take 20 times as long to set up.
  const unsigned level = choice % 16 == 0 ? 1 + choice / 16 % 9 : 1;
  const ssmz::codec::ModelParameters parameters{.level = static_cast<std::uint8_t>(level), .table_log2 = 18};
  auto coder = BlockCoder::create(parameters, ssmz::fuzz::tiny_vocabulary().held());
  ssmz::fuzz::require(coder.ok(), "no coder");
  for (const BlockKind kind : {choice >= 128 ? BlockKind::text : BlockKind::bytes, BlockKind::text}) {
    ssmz::fuzz::Bytes raw;
    const auto progress = [](std::uint64_t) { return true; };
    const ssmz::Status status = coder.value()->decode(kind, input.rest(), raw_size, raw, progress);
    ssmz::fuzz::require(raw.size() <= raw_size, "more bytes than asked for");
    ssmz::fuzz::require(!status.ok() || raw.size() == raw_size, "fewer bytes than asked for");
    if (!status.ok()) break;
  }
  return 0;
}
