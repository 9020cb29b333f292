// SPDX-License-Identifier: Apache-2.0
// Huffman codes of JPEG as a DHT segment defines them (ITU-T T.81, Annexes C and F), for both directions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace ssmz::codec {

/// A code of symbols 0..255 with lengths 1..16.
class JpegHuffman {
 public:
  static constexpr unsigned longest = 16;

  struct Code {
    std::uint16_t bits = 0;
    std::uint8_t length = 0;  ///< 0: the symbol has none.
  };

  /// `counts`: 16 numbers of codes of each length; `symbols`: as many as they say, in the order of their
  /// codes. Nothing if there are more codes of a length than fit, if no symbol stands there, or if one stands
  /// twice: what is read then need not be written so.
  [[nodiscard]] static std::optional<JpegHuffman> from(std::span<const std::uint8_t> counts,
                                                       std::span<const std::uint8_t> symbols);

  [[nodiscard]] Code code(unsigned symbol) const noexcept { return codes_[symbol]; }

  struct Found {
    std::uint8_t symbol = 0;
    std::uint8_t length = 0;  ///< 0: no code begins so.
  };
  /// `next`: the 16 bits that follow, the first one highest.
  [[nodiscard]] Found find(std::uint32_t next) const noexcept;

 private:
  static constexpr unsigned quick_bits = 9;
  std::array<Code, 256> codes_{};
  std::array<Found, 1u << quick_bits> quick_{};    // by the first bits; length 0: longer, or none
  std::array<std::uint32_t, longest + 1> end_{};   // [length]: behind its last code, as 16 bits
  std::array<std::int32_t, longest + 1> first_{};  // [length]: place in symbols_ less its first code
  std::array<std::uint8_t, 256> symbols_{};
};

}  // namespace ssmz::codec
