// SPDX-License-Identifier: Apache-2.0
// Sums over components.
#include "codec/jpeg/jpeg_header.hpp"

namespace ssmz::codec {

unsigned JpegHeader::blocks_in_mcu() const noexcept {
  unsigned sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += components[i].across * components[i].down;
  return sum;
}

std::uint32_t JpegHeader::kept_blocks() const noexcept {
  std::uint32_t sum = 0;
  for (unsigned i = 0; i < count; ++i) sum += components[i].columns * (components[i].down + 1u);
  return sum;
}

}  // namespace ssmz::codec
