// SPDX-License-Identifier: Apache-2.0
// Rates of the adaptive maps; APM interpolation.
#include "codec/predict/adaptive_map.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {

const std::array<std::uint16_t, 1024>& rate_table() noexcept {
  static const auto table = [] {
    std::array<std::uint16_t, 1024> rates{};
    for (unsigned i = 0; i < rates.size(); ++i)
      rates[i] = static_cast<std::uint16_t>(65536u * 2 / (2 * i + 3));
    return rates;
  }();
  return table;
}

Apm::Apm(std::size_t contexts, unsigned rate_shift) : entries_(contexts * buckets), rate_shift_(rate_shift) {
  std::array<std::uint16_t, buckets> first{};
  for (unsigned i = 0; i < buckets; ++i) {
    const float x = (static_cast<float>(i) - 16.0f) * 0.5f;
    first[i] = static_cast<std::uint16_t>(squash(x) * 65535.0f);
  }
  for (std::size_t i = 0; i < entries_.size(); i += buckets)
    std::copy(first.begin(), first.end(), entries_.begin() + i);
}

unsigned Apm::refine(unsigned p, std::size_t context) noexcept {
  const float x = std::clamp(stretch_table()[p >> (16 - stretch_bits)] * 2.0f + 16.0f, 0.0f, 31.999f);
  const auto low = static_cast<unsigned>(x);
  const auto weight = static_cast<unsigned>((x - static_cast<float>(low)) * 4096.0f);
  const std::size_t at = context * buckets + low;
  index_ = at + (weight >= 2048);
  const unsigned refined = (entries_[at] * (4096 - weight) + entries_[at + 1] * weight) >> 12;
  return std::clamp(refined, 1u, 65535u);
}

void Apm::update(unsigned bit) noexcept {
  const int target = bit ? 65535 : 0;
  entries_[index_] =
      static_cast<std::uint16_t>(entries_[index_] + ((target - entries_[index_]) >> rate_shift_));
}

}  // namespace ssmz::codec
