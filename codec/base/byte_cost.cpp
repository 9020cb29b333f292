// SPDX-License-Identifier: Apache-2.0
// The table of costs, and the three orders.
#include "codec/base/byte_cost.hpp"

#include <algorithm>

namespace ssmz::codec {

const std::array<std::uint16_t, 256>& BitCounter::costs() {
  static const std::array<std::uint16_t, 256> table = [] {
    std::array<std::uint16_t, 256> costs{};
    for (unsigned i = 0; i < costs.size(); ++i)
      costs[i] = static_cast<std::uint16_t>(log2_sixteenths(512) - log2_sixteenths(2 * i + 1));
    return costs;
  }();
  return table;
}

std::uint64_t byte_cost(std::span<const std::uint8_t> data) {
  std::uint64_t least = ~std::uint64_t{0};
  for (unsigned order = 1; order <= 3; ++order) {
    std::uint32_t last = 0;
    least = std::min(least, cost_in(data, [&](std::size_t i) {
                       if (i > 0) last = (last << 8 | data[i - 1]) & ((1u << (8 * order)) - 1);
                       return last;
                     }));
  }
  return least;
}

std::uint64_t record_cost(std::span<const std::uint8_t> data, std::size_t length) {
  return cost_in(data, [&](std::size_t i) {
    const std::uint32_t above = i < length ? 0u : data[i - length];
    return above << 16 | static_cast<std::uint32_t>(i % length);
  });
}

std::uint64_t record_cost(std::span<const std::uint8_t> data) {
  constexpr std::size_t longest = 1023;
  std::size_t best = 2, most = 0;
  for (std::size_t length = best; length <= longest && 2 * length < data.size(); ++length) {
    std::size_t same = 0;
    for (std::size_t i = longest; i < data.size(); ++i) same += data[i] == data[i - length];
    if (same > most) best = length, most = same;
  }
  return record_cost(data, best);
}

}  // namespace ssmz::codec
