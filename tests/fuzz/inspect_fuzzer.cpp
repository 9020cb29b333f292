// SPDX-License-Identifier: Apache-2.0
// Any bytes to what reads frames without decoding them, also with the headers' checks put right.
#include "codec/frame/seek_table.hpp"
#include "ssmz/ssmz.hpp"
#include "tests/fuzz/fuzz_mend.hpp"

namespace {

void check_bytes(std::span<const std::uint8_t> bytes) {
  static_cast<void>(ssmz::peek(bytes));
  static_cast<void>(ssmz::codec::read_seek_table(bytes));
  const auto frames = ssmz::inspect(bytes);
  if (frames.ok()) {
    std::uint64_t total = 0;
    for (const ssmz::FrameInfo& frame : frames.value()) total += frame.frame_size;
    ssmz::fuzz::require(total <= bytes.size(), "frames larger than the data");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_bytes({data, size});
  check_bytes(ssmz::fuzz::with_header_checks({data, size}));
  return 0;
}
