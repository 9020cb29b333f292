// SPDX-License-Identifier: Apache-2.0
// Reads symbols of a prefix code that is given by its lengths, and such lengths.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "codec/base/bit_io.hpp"
#include "codec/deflate/huffman.hpp"

namespace ssmz::codec {

/// One prefix code.
class CodeReader {
 public:
  static constexpr unsigned no_symbol = 0xFFF;

  /// False if more codes are given than fit, or, but for one code of one bit or none at all, fewer.
  [[nodiscard]] bool set(std::span<const std::uint8_t> lengths);
  /// no_symbol if no code stands there.
  [[nodiscard]] unsigned read(BitReader& bits) const noexcept;

 private:
  static constexpr unsigned quick_bits = 9;

  std::array<std::uint16_t, longest_code + 1> counts_{};
  std::array<std::uint16_t, literal_symbols + 2> symbols_{};  // by code
  std::array<std::uint16_t, 1u << quick_bits> quick_{};       // [next bits]: symbol * 16 + length; 0: longer
};

/// What stands behind the type of a dynamic block. False of what no decoder takes.
[[nodiscard]] bool read_code_lengths(BitReader& bits, DynamicHeader& header, CodeLengths& lengths);

}  // namespace ssmz::codec
