// SPDX-License-Identifier: Apache-2.0
// Lengths of prefix codes as zlib chooses them, and the form in which a block tells them. FORMAT, each tie.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/deflate/bit_io.hpp"
#include "codec/deflate/deflate_format.hpp"

namespace ssmz::codec {

/// Lengths for symbols of these frequencies, at most `longest`, and the number of the last symbol that has
/// one: at least 1, for no code has less than two symbols. `lengths` is as long as `frequencies`, at most
/// literal_symbols.
[[nodiscard]] unsigned huffman_lengths(std::span<const std::uint32_t> frequencies, unsigned longest,
                                       std::span<std::uint8_t> lengths);

/// How often a block's symbols occur, its end among them.
struct SymbolCounts {
  std::array<std::uint32_t, literal_symbols> literals{};
  std::array<std::uint32_t, distance_symbols> distances{};

  void clear();
  void add(DeflateToken token, std::uint8_t literal) noexcept;
  /// Bits of the symbols in codes of these lengths, with their extra bits.
  [[nodiscard]] std::uint64_t bits(const CodeLengths& lengths) const noexcept;
};

/// Codes of a dynamic block and how it begins.
struct DynamicCodes {
  CodeLengths lengths;
  std::vector<DeflateSymbol> header;  ///< Fields and symbols in order: value, bits behind it (see write()).
  std::uint64_t header_bits = 0;

  explicit DynamicCodes(const SymbolCounts& counts);
  void write(BitWriter& out) const;

 private:
  std::array<std::uint8_t, code_length_symbols> code_lengths_{};
  unsigned literals_ = 0, distances_ = 0, told_ = 0;
};

/// Codes by lengths, each with its bits turned round, ready to be put.
[[nodiscard]] std::vector<std::uint16_t> codes_of(std::span<const std::uint8_t> lengths);

}  // namespace ssmz::codec
