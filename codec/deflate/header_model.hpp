// SPDX-License-Identifier: Apache-2.0
// Codes how dynamic blocks begin by what zlib would make of their symbols' frequencies. FORMAT.
#pragma once

#include <optional>
#include <span>

#include "codec/deflate/choice.hpp"
#include "codec/deflate/huffman.hpp"

namespace ssmz::codec {

/// Learns how a writer makes code lengths, and how it tells them.
class HeaderModel {
 public:
  HeaderModel();

  /// Encoders: codes the header `is`, of code lengths `lengths`; decoders: gives what was coded, or nothing
  /// of what tells no lengths.
  std::optional<DynamicHeader> code(DecisionIo& io, const SymbolCounts& counts, const DynamicHeader& is,
                                    const CodeLengths& lengths);

 private:
  /// Lengths of one code, `bits` each.
  void code_lengths(DecisionIo& io, std::span<const std::uint32_t> counts,
                    std::span<const std::uint8_t> predicted, std::span<const std::uint8_t> is, unsigned code,
                    std::span<std::uint8_t> out);
  /// Symbols that are told, at least those that have a length.
  unsigned code_told(DecisionIo& io, std::span<const std::uint8_t> lengths, unsigned least, unsigned is,
                     unsigned code);
  bool code_runs(DecisionIo& io, std::span<const std::uint8_t> lengths, unsigned border,
                 std::span<const DeflateSymbol> is, std::vector<DeflateSymbol>& out);
  unsigned code_count(DecisionIo& io, unsigned symbol, unsigned to_border, unsigned to_end, unsigned is);

  Choice is_length_;
  NumberChoice lengths_;
  Choice is_least_;
  NumberChoice told_;
  Choice is_kind_;
  NumberChoice kinds_;
  Choice is_count_, is_whole_;
  NumberChoice counts_;
};

}  // namespace ssmz::codec
