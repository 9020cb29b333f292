// SPDX-License-Identifier: Apache-2.0
// Lengths of prefix codes as zlib chooses them, and the form in which a block tells them. FORMAT, each tie.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/base/bit_io.hpp"
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

/// How a dynamic block begins: its code lengths, as it tells them.
struct DynamicHeader {
  unsigned literals = 0, distances = 0;  ///< Symbols whose lengths are told.
  unsigned told = 0;                     ///< Likewise of the code of code lengths, in their order.
  std::array<std::uint8_t, code_length_symbols> code_lengths{};
  std::vector<DeflateSymbol> runs;  ///< Lengths and runs of them.

  [[nodiscard]] std::uint64_t bits() const noexcept;
  void write(BitWriter& out) const;
  friend bool operator==(const DynamicHeader&, const DynamicHeader&) = default;
};

/// Codes of a dynamic block and how it begins.
struct DynamicCodes {
  CodeLengths lengths;
  DynamicHeader header;

  explicit DynamicCodes(const SymbolCounts& counts);
};

/// Lengths of the code in which `runs` are written, and how many of them are told: none of the zeros behind.
[[nodiscard]] std::array<std::uint8_t, code_length_symbols> run_code_lengths(
    std::span<const DeflateSymbol> runs);
[[nodiscard]] unsigned told_code_lengths(
    const std::array<std::uint8_t, code_length_symbols>& lengths) noexcept;

/// Codes by lengths, each with its bits turned round, ready to be put.
[[nodiscard]] std::vector<std::uint16_t> codes_of(std::span<const std::uint8_t> lengths);

}  // namespace ssmz::codec
