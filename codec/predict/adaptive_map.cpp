// SPDX-License-Identifier: Apache-2.0
// APM interpolation.
#include "codec/predict/adaptive_map.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {

Apm::Apm(std::size_t contexts, unsigned rate_shift) : entries_(contexts * buckets), rate_shift_(rate_shift) {
  for (unsigned i = 0; i < buckets; ++i) {
    const float x = (static_cast<float>(i) - 16.0f) * 0.5f;
    first_[i] = static_cast<std::uint16_t>(squash(x) * 65535.0f);
  }
}

unsigned Apm::refine(unsigned p, std::size_t context) noexcept {
  const float x = std::clamp(stretch_table()[p >> (16 - stretch_bits)] * 2.0f + 16.0f, 0.0f, 31.999f);
  const auto low = static_cast<unsigned>(x);
  const auto weight = static_cast<unsigned>((x - static_cast<float>(low)) * 4096.0f);
  context_at_ = context * buckets;
  bucket_ = low + (weight >= 2048);
  const unsigned refined =
      (value(context_at_, low) * (4096 - weight) + value(context_at_, low + 1) * weight) >> 12;
  return std::clamp(refined, 1u, 65535u);
}

void Apm::update(unsigned bit) noexcept {
  const int target = bit ? 65535 : 0;
  const int moved = (target - static_cast<int>(value(context_at_, bucket_))) >> rate_shift_;
  std::uint16_t& entry = entries_[context_at_ + bucket_];
  entry = static_cast<std::uint16_t>(entry + moved);
}

}  // namespace ssmz::codec
