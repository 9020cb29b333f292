// SPDX-License-Identifier: Apache-2.0
// Any bytes to what reads frames without decoding them.
#include "codec/frame_seek_table.hpp"
#include "codec/ssmz.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  static_cast<void>(ssmz::peek(bytes));
  static_cast<void>(ssmz::codec::read_seek_table(bytes));
  const auto frames = ssmz::inspect(bytes);
  if (frames.ok()) {
    std::uint64_t total = 0;
    for (const ssmz::FrameInfo& frame : frames.value()) total += frame.frame_size;
    ssmz::fuzz::require(total <= size, "frames larger than the data");
  }
  return 0;
}
