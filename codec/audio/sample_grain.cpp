// SPDX-License-Identifier: Apache-2.0
// Counts in windows of samples.
#include "codec/audio/sample_grain.hpp"

#include <bit>
#include <utility>

#include "codec/audio/sample_scale.hpp"
#include "codec/base/ordered_numbers.hpp"

namespace ssmz::codec {

std::uint32_t SampleGrain::exact_step() const noexcept {
  const std::uint32_t used = used_ | used_before_ | 1u << most_log2_;
  return used & (0u - used);
}

std::uint32_t SampleGrain::step() const noexcept {
  const std::uint32_t exact = exact_step();
  for (unsigned log2 = most_log2_; log2 >= least_noisy_log2 && 1u << log2 > exact; --log2)
    if (apart_[log2] <= most_apart && apart_before_[log2] <= most_apart) return 1u << log2;
  return exact;
}

/// The logarithm of the greatest power of two that `head` is near a multiple of; 0: less than the least.
unsigned SampleGrain::near_log2(std::uint32_t head) noexcept {
  const std::uint32_t above = head + noise;
  if ((above & ((1u << least_noisy_log2) - 1)) > 2 * noise) return 0;
  return static_cast<unsigned>(std::countr_zero(above >> least_noisy_log2 | 1u << 31)) + least_noisy_log2;
}

void SampleGrain::note(std::uint32_t head) noexcept {
  used_ |= head;
  for (unsigned log2 = most_log2_, near = near_log2(head); log2 > near; --log2) ++apart_[log2];
  if (++counted_ < window) return;
  counted_ = 0;
  used_before_ = std::exchange(used_, 0);
  apart_before_ = std::exchange(apart_, {});
}

bool have_noisy_grain(const SoundLayout& layout, std::span<const std::uint8_t> samples) {
  const SampleScale scale(layout);
  SampleGrain grain(scale.head_bits(), is_companded(layout.form));
  const ByteOrder order{layout.big_endian};
  std::size_t noisy = 0, count = 0;
  for (std::size_t at = 0; at + layout.sample_bytes <= samples.size(); at += layout.sample_bytes) {
    noisy += grain.noisy();
    ++count;
    const auto sample = static_cast<std::uint32_t>(order.get(samples, at, layout.sample_bytes));
    grain.note(scale.split(sample).head);
  }
  return noisy * 4 > count * 3;
}

}  // namespace ssmz::codec
