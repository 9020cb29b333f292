// SPDX-License-Identifier: Apache-2.0
// APM interpolation.
#include "codec/predict/adaptive_map.hpp"

#include <algorithm>

#include "codec/predict/logistic.hpp"

namespace ssmz::codec {

namespace {

// Steps of a logit, and the logit's bound.
constexpr float steps_per_unit = 2.0f, bound = 8.0f;
// Bits that what an entry begins with stands for. With a limit of 255, against none and a fixed rate of 1/64
// that got no nearer to 1 than 1 - 1/1024: 15 -0.07 %, 30 -0.06 % (bible.txt, enwik8, German, XML, C, 60,000
// bytes each at -9 without SSM; XML -0.20, -0.15 %).
constexpr std::uint32_t first_count = 15;

}  // namespace

Apm::Apm(std::size_t contexts, unsigned limit) : entries_(contexts * buckets), limit_(limit) {
  static_assert(buckets == static_cast<unsigned>(2.0f * bound * steps_per_unit) + 1);
  entries_.expect_use_of_all();
  for (unsigned i = 0; i < buckets; ++i) {
    const float x = static_cast<float>(static_cast<int>(i)) / steps_per_unit - bound;
    first_[i] = static_cast<std::uint32_t>(squash(x) * static_cast<float>((1 << 22) - 1)) << 10 | first_count;
  }
}

float Apm::refine(float logit, std::size_t context) noexcept {
  constexpr float last = static_cast<float>(buckets - 1) - 0.001f;
  const float x = std::clamp((logit + bound) * steps_per_unit, 0.0f, last);
  const auto low = static_cast<unsigned>(x);
  const float share = x - static_cast<float>(static_cast<int>(low));
  context_at_ = context * buckets;
  bucket_ = low + (share >= 0.5f);
  const float below = probability(low);
  return below + (probability(low + 1) - below) * share;
}

void Apm::update(unsigned bit) noexcept {
  const std::uint32_t before = entry(bucket_);
  entries_[context_at_ + bucket_] += adapted(before, bit, limit_) - before;
}

}  // namespace ssmz::codec
