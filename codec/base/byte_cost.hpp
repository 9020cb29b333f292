// SPDX-License-Identifier: Apache-2.0
// What data would take about as bytes, by small models.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/base/log2.hpp"

namespace ssmz::codec {

/// Adaptive bits, 16-bit probabilities, and what they cost in sixteenths of a bit. Not FORMAT.
class BitCounter {
 public:
  explicit BitCounter(std::size_t size) : table_(size, 32768) {}
  void code(std::size_t context, unsigned bit) {
    std::uint16_t& p = table_[context];
    sum_ += costs()[bit ? p >> 8 : (65535 - p) >> 8];
    p = static_cast<std::uint16_t>(bit ? p + ((65535 - p) >> 4) : p - (p >> 4));
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  // By 256ths of the probability.
  [[nodiscard]] static const std::array<std::uint16_t, 256>& costs();

  std::vector<std::uint16_t> table_;
  std::uint64_t sum_ = 0;
};

/// Of bytes, each in a context, `context_of(i)`, of up to three.
template <class ContextOf>
std::uint64_t cost_in(std::span<const std::uint8_t> data, const ContextOf& context_of) {
  BitCounter counter(std::size_t{1} << 16);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::uint32_t hash = context_of(i) * 0x9e3779b1u >> 8;
    for (unsigned node = 1; node < 256;) {
      const unsigned bit = data[i] >> (std::countl_zero(node) - 24) & 1u;
      counter.code((hash ^ node * 0x2f0bu) & 0xffffu, bit);
      node = node * 2 + bit;
    }
  }
  return counter.sum();
}

/// The cheapest of orders 1, 2 and 3, in sixteenths of a bit. Some 100 ns a byte.
[[nodiscard]] std::uint64_t byte_cost(std::span<const std::uint8_t> data);

/// As records of `length`, by the byte above and the place.
[[nodiscard]] std::uint64_t record_cost(std::span<const std::uint8_t> data, std::size_t length);
/// The same of the length, 2..1,023, at which most bytes are as the one above. Some 80 ns a byte.
[[nodiscard]] std::uint64_t record_cost(std::span<const std::uint8_t> data);

}  // namespace ssmz::codec
