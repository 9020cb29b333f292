// SPDX-License-Identifier: Apache-2.0
// Logarithms of frequencies that fade.
#include "codec/deflate/token_costs.hpp"

#include <bit>
#include <numeric>

namespace ssmz::codec {
namespace {

constexpr std::uint32_t step = 4;                           // an occurrence
constexpr std::uint32_t most_sum = std::uint32_t{1} << 16;  // then all are halved

/// log2 in 1/16, straight between powers of two; `x` from 1 on.
int log2_of(std::uint32_t x) {
  const unsigned whole = static_cast<unsigned>(std::bit_width(x)) - 1;
  const std::uint64_t rest = x - (std::uint64_t{1} << whole);
  return static_cast<int>(16 * whole + (rest * 16 >> whole));
}

template <std::size_t N>
void halve_if_many(std::array<std::uint32_t, N>& counts) {
  if (std::accumulate(counts.begin(), counts.end(), 0u) < most_sum) return;
  for (std::uint32_t& count : counts) count = (count + 1) / 2;
}

}  // namespace

TokenCosts::TokenCosts(std::span<const std::uint8_t> first) {
  for (const std::uint8_t byte : first) ++literal_counts_[byte];
  for (std::uint32_t& count : literal_counts_) count = count / 16 + 1;
  for (unsigned i = 0; i < literal_symbols - end_symbol - 1; ++i)
    literal_counts_[end_symbol + 1 + i] = (64u >> i / 3) + 1;
  for (unsigned i = 0; i < distance_symbols; ++i) distance_counts_[i] = 4 + i;
  settle();
}

void TokenCosts::add(DeflateToken token, std::uint8_t literal) noexcept {
  if (token.length == 0) {
    literal_counts_[literal] += step;
    return;
  }
  literal_counts_[length_symbol(token.length).symbol] += step;
  distance_counts_[distance_symbol(token.distance).symbol] += step;
}

void TokenCosts::settle() noexcept {
  halve_if_many(literal_counts_);
  halve_if_many(distance_counts_);
  const int all = log2_of(std::accumulate(literal_counts_.begin(), literal_counts_.end(), 0u));
  const auto cost = [&](unsigned symbol) { return all - log2_of(literal_counts_[symbol]); };
  for (unsigned byte = 0; byte < literals_.size(); ++byte)
    literals_[byte] = static_cast<std::uint16_t>(cost(byte));
  for (unsigned length = least_match; length <= most_match; ++length) {
    const DeflateSymbol symbol = length_symbol(length);
    lengths_[length] =
        static_cast<std::uint16_t>(cost(symbol.symbol) + 16 * static_cast<int>(symbol.extra_bits));
  }
  const int far = log2_of(std::accumulate(distance_counts_.begin(), distance_counts_.end(), 0u));
  for (unsigned symbol = 0; symbol < distance_symbols; ++symbol)
    distances_[symbol] = static_cast<std::uint16_t>(far - log2_of(distance_counts_[symbol]) +
                                                    16 * static_cast<int>(distances_of(symbol).extra_bits));
}

}  // namespace ssmz::codec
