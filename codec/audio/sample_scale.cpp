// SPDX-License-Identifier: Apache-2.0
// The two laws of G.711, and floats as whole numbers.
#include "codec/audio/sample_scale.hpp"

#include <algorithm>
#include <bit>

namespace ssmz::codec {
namespace {

constexpr unsigned most_head_bits = 24;
constexpr std::uint32_t float_middle = 1u << 23, beyond = float_middle - 1;
constexpr std::uint32_t sign_bit = 1u << 31;
constexpr unsigned significand_bits = 23, exponent_bias = 127;

constexpr unsigned steps = 16;       // of a segment
constexpr std::uint32_t side = 128;  // codes on each side of 0
constexpr unsigned first_width = 8;  // bits of the first segment's end, mu-law's with its bias

}  // namespace

constexpr SampleScale::Law SampleScale::laws[2] = {
    {.inverted = 0xff, .positive = 0x00, .bias = 132.0f, .first_segment = 0},
    {.inverted = 0x55, .positive = 0x80, .bias = 0.0f, .first_segment = 1},
};

SampleScale::SampleScale(const SoundLayout& layout)
    : form_(layout.form),
      head_bits_(std::min(8 * (layout.sample_bytes - layout.low_bytes), most_head_bits)),
      rest_bits_(8 * layout.sample_bytes - head_bits_),
      flip_(layout.is_signed ? 1u << (8 * layout.sample_bytes - 1) : 0u),
      highest_(exponent_bias + layout.exponent),
      full_scale_(static_cast<float>(1u << (head_bits_ - 1))) {
  if (!is_companded(form_)) return;
  law_ = laws[form_ == SampleForm::a_law];
  full_scale_ = 32768.0f;
  for (std::uint32_t code = 0; code < 2 * side; ++code) {
    const std::uint32_t head = rank(code), level = head < side ? side - 1 - head : head - side;
    const unsigned segment = level / steps, width = std::max(segment, law_.first_segment);
    // The middle of the step, in steps of the segment; the first one's of A-law are as wide as the second's.
    const std::uint32_t halves = 2 * (level % steps + (segment < law_.first_segment ? 0 : steps)) + 1;
    const float loud = static_cast<float>(halves << (width + 2)) - law_.bias;
    code_of_[head] = static_cast<std::uint8_t>(code);
    sound_of_[head] = head < side ? -loud : loud;
  }
}

std::uint32_t SampleScale::rank(std::uint32_t code) const noexcept {
  const std::uint32_t plain = code ^ law_.inverted, level = plain & (side - 1);
  return (plain & side) == law_.positive ? side + level : side - 1 - level;
}

unsigned SampleScale::rest_bits(std::uint32_t head) const noexcept {
  if (form_ != SampleForm::floating) return rest_bits_;
  const std::uint32_t units = head < float_middle ? float_middle - head : head - float_middle;
  if (units == 0 || units >= beyond) return whole_float;
  return significand_bits + 1 - static_cast<unsigned>(std::bit_width(units));
}

SplitSample SampleScale::split_float(std::uint32_t bits) const noexcept {
  const bool negative = (bits & sign_bit) != 0;
  const std::uint32_t exponent = bits >> significand_bits & 255u;
  if (exponent + significand_bits < highest_) return {float_middle, bits};
  const std::uint32_t significand = (bits & ((1u << significand_bits) - 1)) | 1u << significand_bits;
  const unsigned below = exponent < highest_ ? highest_ - exponent : 0;
  const std::uint32_t units = below ? significand >> below : beyond;
  if (units == 0) return {float_middle, bits};
  if (units >= beyond) return {negative ? float_middle - beyond : float_middle + beyond, bits};
  return {negative ? float_middle - units : float_middle + units, significand & ((1u << below) - 1)};
}

SplitSample SampleScale::split(std::uint32_t sample) const noexcept {
  switch (form_) {
    case SampleForm::mu_law:
    case SampleForm::a_law: return {rank(sample & 255u), 0};
    case SampleForm::floating: return split_float(sample);
    case SampleForm::whole: break;
  }
  sample ^= flip_;
  return {sample >> rest_bits_, sample & ((1u << rest_bits_) - 1)};
}

std::uint32_t SampleScale::join(SplitSample parts) const noexcept {
  switch (form_) {
    case SampleForm::mu_law:
    case SampleForm::a_law: return code_of_[parts.head];
    case SampleForm::floating: break;
    case SampleForm::whole: return (parts.head << rest_bits_ | parts.rest) ^ flip_;
  }
  const unsigned below = rest_bits(parts.head);
  if (below == whole_float) return parts.rest;
  const bool negative = parts.head < float_middle;
  const std::uint32_t units = negative ? float_middle - parts.head : parts.head - float_middle;
  const std::uint32_t significand = units << below | parts.rest;
  return (negative ? sign_bit : 0u) | (highest_ - below) << significand_bits |
         (significand & ((1u << significand_bits) - 1));
}

float SampleScale::sound(std::uint32_t head) const noexcept {
  if (is_companded(form_)) return sound_of_[head];
  return static_cast<float>(head) - full_scale_;
}

float SampleScale::place(float sound) const noexcept {
  if (!is_companded(form_)) return sound + full_scale_;
  const float loud = (sound < 0.0f ? -sound : sound) + law_.bias;
  const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint32_t>(loud)));
  const unsigned segment = std::max(width, first_width + law_.first_segment) - first_width;
  const float level = static_cast<float>(steps * segment) - static_cast<float>(steps) +
                      loud / static_cast<float>(8u << segment);
  const float middle = static_cast<float>(side) - 0.5f;  // of the steps on either side of 0
  return sound < 0.0f ? middle - level : middle + level;
}

}  // namespace ssmz::codec
