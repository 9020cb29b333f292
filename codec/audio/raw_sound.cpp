// SPDX-License-Identifier: Apache-2.0
// Samples by how near they are to those beside them, then a trial against bytes.
#include "codec/audio/raw_sound.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "codec/audio/sound_layout.hpp"
#include "codec/base/byte_cost.hpp"
#include "codec/base/miss_cost.hpp"
#include "codec/base/raw_samples.hpp"
#include "codec/predict/least_squares.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t step = std::size_t{8} << 10;
// As sound a step must take less than this share of what its bytes take by small models, in 1/16. Drums take
// 0.80 of it, and then 0.94 of the bytes.
constexpr std::uint64_t worthwhile = 14;

/// One of the ways in which samples may lie, from place `phase` on.
struct Form {
  SoundLayout layout;
  std::size_t phase = 0;

  [[nodiscard]] bool operator==(const Form& other) const {
    return layout.packed() == other.layout.packed() && phase == other.phase;
  }
  [[nodiscard]] std::size_t moment() const { return std::size_t{layout.sample_bytes} * layout.channels; }
};

constexpr auto all_forms = [] {
  std::array<Form, 12> forms;
  std::size_t count = 0;
  for (const unsigned channels : {1u, 2u}) {
    for (const bool is_signed : {false, true})
      forms[count++] = {{.is_signed = is_signed, .channels = channels}, 0};
    for (const bool big_endian : {false, true})
      for (const std::size_t phase : {0u, 1u})
        forms[count++] = {
            {.sample_bytes = 2, .big_endian = big_endian, .is_signed = true, .channels = channels}, phase};
  }
  return forms;
}();

/// Samples of one form as whole numbers around 0.
class Samples {
 public:
  Samples(const Form& form, Bytes data)
      : half_(1 << (8 * form.layout.sample_bytes - 1)),
        raw_{data.subspan(form.phase), form.layout.sample_bytes, form.layout.big_endian,
             form.layout.is_signed ? half_ : 0} {}
  [[nodiscard]] std::size_t count() const { return raw_.count(); }
  [[nodiscard]] std::int32_t operator[](std::size_t i) const { return raw_[i] - half_; }

 private:
  std::int32_t half_;
  RawSamples raw_;  // from 0 on
};

/// How far samples are from those before them, in 256ths of how far they are from those long before; 256 of
/// what varies too little to tell. Looks at a part of them.
std::uint64_t nearness(const Samples& samples, unsigned channels) {
  constexpr std::size_t apart = 61, every = 23;
  std::uint64_t near = 0, far = 0, count = 0;
  for (std::size_t i = apart * channels; i < samples.count(); i += every, ++count) {
    const std::int32_t here = samples[i];
    near += static_cast<std::uint64_t>(std::abs(here - samples[i - channels]));
    far += static_cast<std::uint64_t>(std::abs(here - samples[i - apart * channels]));
  }
  return far <= 4 * count ? 256 : near * 256 / far;
}

/// Whether they are on both sides of 0. Pixels of medical pictures, which are better bytes, are whole numbers
/// from 0 on: the first 400,000 bytes of mr at -1 64,581, as sound 65,346.
bool swing(const Samples& samples) {
  std::size_t below = 0;
  for (std::size_t i = 0; i < samples.count(); ++i) below += samples[i] < 0;
  return below * 8 >= samples.count() && below * 8 <= samples.count() * 7;
}

/// By least squares over the last samples of each channel, as the model of sound has them, but fewer.
std::uint64_t cost_as_sound(const Samples& samples, unsigned channels) {
  constexpr unsigned inputs = 12, interval = 32;
  std::vector<LeastSquares> filters(channels, LeastSquares(inputs, 0.998, 1.0, interval));
  MissCost<16> cost;
  for (std::size_t i = inputs * std::size_t{channels}; i < samples.count(); ++i) {
    LeastSquares& filter = filters[i % channels];
    for (unsigned k = 0; k < inputs; ++k) filter.inputs()[k] = samples[i - (k + 1) * std::size_t{channels}];
    const double predicted = std::clamp(filter.predict(), -32768.0, 32767.0);
    cost.add(samples[i] - static_cast<std::int32_t>(std::floor(predicted + 0.5)));
    filter.update(samples[i]);
  }
  return cost.sum();
}

std::optional<Form> choose(Bytes data, const std::optional<Form>& before) {
  constexpr std::uint64_t near_enough = 160;
  // The two nearest: of noise, high and low bytes of samples beside each other are as near.
  std::array<std::pair<std::uint64_t, const Form*>, 2> nearest{};
  nearest.fill({near_enough, nullptr});
  for (const Form& form : all_forms) {
    std::uint64_t now = nearness(Samples(form, data), form.layout.channels);
    if (before && form == *before) now = now * 3 / 4;  // it changes seldom
    if (now >= nearest[1].first) continue;
    nearest[1] = {now, &form};
    if (now < nearest[0].first) std::swap(nearest[0], nearest[1]);
  }
  if (!nearest[0].second) return {};
  std::uint64_t least = byte_cost(data) * worthwhile / 16;
  std::optional<Form> best;
  for (const auto& [near, form] : nearest) {
    if (!form) continue;
    const Samples samples(*form, data);
    const std::uint64_t cost = swing(samples) ? cost_as_sound(samples, form->layout.channels) : least;
    if (cost >= least) continue;
    least = cost;
    best = *form;
  }
  // Neither are tables of colours or of numbers, which rise and fall as sound does: LCMSLABI.ICM at -1 7,731
  // -> 3,745. 72 patches of instruments, whose notes repeat themselves, too, 2,843,444 -> 2,847,582.
  if (best && record_cost(data) < least) return {};
  return best;
}

}  // namespace

std::vector<Region> find_raw_sound(Bytes data) {
  std::vector<Region> found;
  std::optional<Form> before;
  for (std::size_t at = 0; at + step <= data.size(); at += step) {
    const std::optional<Form> form = choose(data.subspan(at, step), before);
    if (form && before && *form == *before) {
      found.back().size += step;
    } else if (form) {
      found.push_back({at, step, {BlockKind::sound, form->layout.packed()}});
      found.back().at += form->phase;
      found.back().size -= form->phase;
    }
    before = form;
  }
  for (Region& sound : found) sound.size -= sound.size % Form{SoundLayout::of(sound.type.layout)}.moment();
  return found;
}

}  // namespace ssmz::codec
