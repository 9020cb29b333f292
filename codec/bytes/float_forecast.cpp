// SPDX-License-Identifier: Apache-2.0
// Finding arrays of floats; what is left of a number as a share of a distribution.
#include "codec/bytes/float_forecast.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "codec/predict/logistic_mass.hpp"

namespace ssmz::codec {
namespace {

// Numbers that each predictor reads, and how much of a number's weight is left after the next. 40,000 bytes
// each of geo's begin and end, without SSM, 17,370, 16,964 without floats: {16, 0.99}, {24, 0.998}, {8, 0.97}
// 16,473, 16,103; {16, 0.98}, {24, 0.995}, {8, 0.95} 16,331, 15,988, with the first one's 0.96 16,221,
// 15,908, 0.88 and the second one's 0.98 and widths that learn faster 15,935, 15,643; 0.8 15,936, 15,660. The
// mean of the three as a fourth, or widths of half and twice as much: 0.05 %.
struct Memory {
  unsigned reach;
  double forget;
};
constexpr Memory memories[FloatForecast::predictors] = {{16, 0.88}, {24, 0.98}, {8, 0.95}};
constexpr double ridge = 1e-3;
constexpr unsigned energy_reach = 16;  // numbers whose mean square is the scale

constexpr std::uint32_t sign_bit = 0x80000000u;
constexpr std::uint32_t likeness_one = 65536;
constexpr std::uint32_t most_tables = likeness_one / 2;  // a quarter: geo +0.4 %
constexpr std::uint32_t found = likeness_one * 3 / 4, lost = likeness_one / 2;
// So many numbers in turn without a 0 as first digit are IBM's: IEEE's have one in 16.
constexpr std::uint32_t normalised_bound = 64;
constexpr unsigned least_exponent = 32, exponent_bound = 96;  // 7 bits, of plausible numbers in both formats

constexpr double largest = 100.0;      // inputs and errors are cut off here, against the scale
constexpr double least_scale = 1e-30;  // where all numbers are 0
constexpr float first_width = 0.5f;
constexpr float width_rate = 0.25f;  // 1 / 64, 1 / 32, 1 / 20: +0.3, 0, -0.3 %; 0.1 to 0.3: -0.6 to -1 %
constexpr double error_rate = 1.0 / 16.0;  // 1 / 8, 1 / 32: +0.1 %

// 16^-64 to 16^63.
constexpr std::array<double, 128> powers = [] {
  std::array<double, 128> all{};
  double power = 1.0;
  for (std::size_t i = 64; i < 128; ++i, power *= 16.0) all[i] = power;
  power = 1.0;
  for (std::size_t i = 64; i-- > 0;) all[i] = power /= 16.0;
  return all;
}();

LogisticMass mass_at(double distance) {
  return logistic_mass(static_cast<float>(std::clamp(distance, -1000.0, 1000.0)));
}

/// Two numbers of 16 bits that begin alike, as relocations of Windows programs, or a byte of a pointer, which
/// stands where a float's last bits do and stays. With these 10,428 bytes of ooffice pass for floats instead
/// of 269,228; 40,000 of them at -9 without SSM 15,624 -> 15,559.
bool is_table(std::uint32_t word, std::uint32_t before) {
  return word >> 28 == (word >> 12 & 15u) || ((word & 0xffu) != 0 && ((word ^ before) & 0xffu) == 0);
}

unsigned exponent_of(std::uint32_t word) { return word >> 24 & 0x7fu; }

}  // namespace

FloatForecast::FloatForecast() {
  predictors_.reserve(predictors);
  for (const Memory& memory : memories) {
    predictors_.push_back({memory.reach, LeastSquares(memory.reach, memory.forget, ridge, 1)});
    predictors_.back().widths.fill(first_width);
  }
}

std::uint64_t FloatForecast::memory() noexcept {
  std::uint64_t sum = 0;
  for (const Memory& memory : memories) sum += sizeof(Predictor) + LeastSquares::memory(memory.reach);
  return sum;
}

// Of a number without its sign, rising with its bits: what is not normalised counts as the least that is.
double FloatForecast::size_of(std::uint32_t magnitude) const noexcept {
  if (magnitude == 0) return 0.0;
  if (!ibm_) return static_cast<double>(std::bit_cast<float>(std::min(magnitude, 0x7f7fffffu)));
  const std::uint32_t mantissa = std::max(magnitude & 0xffffffu, 0x100000u);
  return static_cast<double>(mantissa) * (1.0 / 16777216.0) * powers[exponent_of(magnitude)];
}

double FloatForecast::value_of(std::uint32_t word) const noexcept {
  const double size = size_of(word & ~sign_bit);
  return word & sign_bit ? -size : size;
}

// The bits of the greatest size that is not above.
std::uint32_t FloatForecast::word_of(double value) const noexcept {
  const double size = std::fabs(value);
  std::uint32_t word = 0;
  for (std::uint32_t bit = sign_bit >> 1; bit >= 0x100u; bit >>= 1)
    if (size_of(word | bit) <= size) word |= bit;
  return value < 0.0 ? word | sign_bit : word;
}

// Returns whether an array may go on, or begin, behind this number.
bool FloatForecast::look(Candidate& candidate, std::uint32_t word) noexcept {
  const unsigned exponent = exponent_of(word), before = exponent_of(candidate.last);
  const bool alike = exponent + 1 >= before && exponent <= before + 1 && exponent >= least_exponent &&
                     exponent < exponent_bound && ((word ^ candidate.last) & 0xffff00u) != 0;
  candidate.likeness -= candidate.likeness / 32;
  if (alike) candidate.likeness += likeness_one / 32;
  candidate.tables -= candidate.tables / 32;
  if (is_table(word, candidate.last)) candidate.tables += likeness_one / 32;
  const bool normalised = (word & 0xf00000u) != 0 || (word & ~sign_bit) == 0;
  candidate.normalised = normalised ? std::min(candidate.normalised + 1, normalised_bound) : 0;
  candidate.last = word;
  return candidate.likeness > (active_ ? lost : found) && candidate.tables < most_tables;
}

void FloatForecast::push(std::uint8_t byte) {
  append(byte);
  Candidate& candidate = candidates_[position_ & 3u];
  const bool goes_on = look(candidate, bytes_);
  if (active_) {
    if (part() != 0) return;
    end_number(bytes_);
    set_format(candidate);
    expect();
    active_ = goes_on;
  } else if (goes_on) {
    active_ = true;
    start_ = position_;
    set_format(candidate);
    expect();
  }
}

void FloatForecast::end_number(std::uint32_t word) {
  const double value = value_of(word);
  const double most = largest * scale_;
  for (Predictor& predictor : predictors_) {
    const double miss = std::min(std::fabs(value - predictor.expected), most);
    float& width = predictor.widths[errors_];
    width += (static_cast<float>(miss / scale_) - width) * width_rate;
    predictor.squares.update(std::clamp(value, -most, most) / scale_);
  }
  error_ += (std::min(std::fabs(value - predictors_[0].expected), most) - error_) * error_rate;
  words_[count_ % kept] = word;
  values_[count_ % kept] = value;
  ++count_;
}

void FloatForecast::set_format(const Candidate& candidate) noexcept {
  const bool ibm = candidate.normalised >= normalised_bound;
  if (ibm == ibm_) return;
  ibm_ = ibm;
  std::transform(words_.begin(), words_.end(), values_.begin(),
                 [this](std::uint32_t word) { return value_of(word); });
}

void FloatForecast::expect() {
  const auto last = [this](unsigned k) { return values_[(count_ - k) % kept]; };
  double energy = 0.0;
  for (unsigned k = 1; k <= energy_reach; ++k) energy += last(k) * last(k);
  scale_ = std::sqrt(energy * (1.0 / energy_reach)) + least_scale;
  for (Predictor& predictor : predictors_) {
    double* const before = predictor.squares.inputs();
    for (unsigned k = 0; k < predictor.reach; ++k)
      before[k] = std::clamp(last(k + 1) / scale_, -largest, largest);
    predictor.expected = std::clamp(predictor.squares.predict(), -largest, largest) * scale_;
  }
  error_ = std::min(error_, largest * scale_);
  const double ratio = error_ / scale_ * 256.0;
  const auto square = static_cast<std::uint32_t>(std::clamp(ratio * ratio, 1.0, 65535.0));
  errors_ = static_cast<unsigned>(std::bit_width(square)) - 1;
  expected_ = word_of(predictors_[0].expected);
}

// Of what `known`, the first `bits` bits of a number, leave, the share where the next one is a 1.
float FloatForecast::share_of_one(const Predictor& predictor, std::uint32_t known,
                                  unsigned bits) const noexcept {
  const double width =
      (static_cast<double>(predictor.widths[errors_]) * scale_per_mean_error + 1e-12) * scale_;
  if (bits == 0) return mass_at(-predictor.expected / width).below;
  const std::uint32_t sign = std::uint32_t{1} << (bits - 1), half = sign_bit >> bits;
  const std::uint32_t from = (known & (sign - 1)) * 2 * half;
  const double centre = known & sign ? -predictor.expected : predictor.expected;
  const auto at = [&](std::uint32_t magnitude) { return mass_at((size_of(magnitude) - centre) / width); };
  const LogisticMass high = from + 2 * half < sign_bit ? at(from + 2 * half) : LogisticMass{1.0f, 0.0f};
  return upper_share(at(from), at(from + half), high);
}

void FloatForecast::predict(unsigned value, unsigned depth, float* out) const noexcept {
  std::fill_n(out, inputs, 0.0f);
  if (!active_ || part() == 3) return;  // of the last eight bits no prediction tells anything
  const std::uint32_t known = so_far() << depth | (value & ((1u << depth) - 1));
  for (unsigned k = 0; k < predictors; ++k)
    out[k] = share_as_input(share_of_one(predictors_[k], known, part() * 8 + depth));
}

}  // namespace ssmz::codec
