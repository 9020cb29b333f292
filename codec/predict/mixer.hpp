// SPDX-License-Identifier: Apache-2.0
// Gated logistic mixing: many weight sets, each choosing one weight vector by a small context, then final
// mixers. M. Mahoney, "Adaptive weighing of context models" (2005); B. Knoll and N. de Freitas, "A machine
// learning perspective on predictive coding with PAQ" (2012).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codec/predict/preconditioner.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Zeroed floats, aligned to 64 bytes, a multiple of 16 of them.
class AlignedFloats {
 public:
  explicit AlignedFloats(std::size_t count);
  AlignedFloats(const AlignedFloats& other) : AlignedFloats(other.size_) {
    std::copy_n(other.data_, size_, data_);
  }
  AlignedFloats& operator=(const AlignedFloats& other) { return *this = AlignedFloats(other); }
  AlignedFloats(AlignedFloats&&) noexcept = default;
  AlignedFloats& operator=(AlignedFloats&&) noexcept = default;
  ~AlignedFloats() = default;
  [[nodiscard]] float* data() noexcept { return data_; }
  [[nodiscard]] const float* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::unique_ptr<float[]> storage_;
  float* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Learning rate of a weight vector that falls with its own number n of updates: max(last, first / sqrt(1 + n
/// / decay)). Against a rate that falls with all updates as 1 / n: -0.35 % (enwik8-1M), more on longer files.
struct MixerRate {
  float first;
  float last;
  float decay;
  /// Mean square of the inputs at which a step is as the rate says: it is scaled by the root of this through
  /// theirs. 0: it is not. A step moves a logit by the rate times the error times the inputs' sum of squares,
  /// which is a hundredfold where most contexts are sure of what where few know anything.
  float usual_square = 0.0f;
  /// What was predicted better than this teaches the weights nothing. Against 0: 300,000 bytes of enwik8 at
  /// -1 61,736 -> 61,683, kennedy.xls's first 200,000 at -1 2,810 -> 2,738 in 0.64 of the time; 0.003: at -5
  /// the text -0.07 %, the table 2,364 -> 2,393. FORMAT.
  float least_error = 0.002f;

  /// Rate of the update that comes after `visits` of them, which is counted.
  [[nodiscard]] float next(float& visits) const noexcept {
    const float rate = std::max(last, first / std::sqrt(1.0f + visits / decay));
    if (visits < 16777216.0f) visits += 1.0f;
    return rate;
  }
};

/// The rates of a MixerRate by visits, read instead of computed: a square root and two divisions a set took 2
/// % of -1's time. Exact for the first 64 visits, then for the middle of steps of a 64th to a 128th. FORMAT.
class RateTable {
 public:
  explicit RateTable(const MixerRate& rate);

  /// As MixerRate::next().
  [[nodiscard]] float next(float& visits) const noexcept {
    const float found = rates_[place(visits)];
    if (visits < most_visits) visits += 1.0f;
    return found;
  }

 private:
  static constexpr float most_visits = 16777216.0f;
  static constexpr float offset = 64.0f;
  static constexpr unsigned step_log2 = 17;  // of a float's bits: 6 of the mantissa are left
  [[nodiscard]] static std::size_t place(float visits) noexcept {
    return (std::bit_cast<std::uint32_t>(visits + offset) - std::bit_cast<std::uint32_t>(offset)) >>
           step_log2;
  }

  std::vector<float> rates_;
};

/// One layer of weight sets over common inputs. Arithmetic in float, in the fixed order of
/// model/kernels/kernels.hpp.
class MixerLayer {
 public:
  MixerLayer(unsigned inputs, std::span<const unsigned> rows_per_set, float first_weight, MixerRate rate,
             float joint_share);
  void use_huge_pages(std::uint64_t symbols) noexcept {
    weights_.use_huge_pages(UINT64_MAX);  // packed: no more than the rows that have learned take
    visits_.use_huge_pages(symbols);
    places_.use_huge_pages(symbols);
  }

  /// From here on steps go as a Preconditioner of this rank says. Before the first update.
  void precondition(unsigned rank, float compensation) {
    preconditioner_.emplace(padded_, rank, compensation);
  }

  /// Number of inputs, padded to a multiple of 16; the padding must stay zero.
  [[nodiscard]] float* inputs() noexcept { return inputs_.data(); }
  [[nodiscard]] const float* inputs() const noexcept { return inputs_.data(); }
  [[nodiscard]] unsigned set_count() const noexcept { return static_cast<unsigned>(rows_.size()); }
  /// Takes a row of a set for the mix() to come, and fetches it.
  void select(unsigned set, unsigned row) noexcept;

  /// First weights other than first_weight: of phase p and set s from `firsts`[(p * sets + s) * padded()] on.
  void start_from(std::vector<float> firsts);
  /// Rows that are selected for the first time from here on get the first weights of `phase`.
  void enter(unsigned phase) noexcept { phase_ = phase; }
  /// Floats of a vector of `inputs` with its padding.
  [[nodiscard]] static constexpr unsigned padded(unsigned inputs) noexcept { return (inputs + 15u) & ~15u; }
  /// The same of this layer's.
  [[nodiscard]] unsigned padded() const noexcept { return padded_; }
  /// The selected vector of a set.
  [[nodiscard]] const float* selected(unsigned set) const noexcept {
    return weights_.data() + at_[set] * padded_;
  }

  /// Stretched prediction of each set (clamped to +-12).
  [[nodiscard]] const float* mix() noexcept;
  /// Moves each selected weight vector along (1 - joint_share) of its own error and joint_share of `mixed` -
  /// bit, the error of the final probability.
  void update(unsigned bit, float mixed) noexcept;

  /// As model::ZeroedArray's: from here on the layer is only copied.
  void freeze() { weights_.freeze(); }

  /// Bytes that a layer takes: its weights, and a count of visits and the place of each row.
  [[nodiscard]] static std::uint64_t memory(unsigned inputs, std::span<const unsigned> rows_per_set);

 private:
  [[nodiscard]] float step_scale() const noexcept;
  void settle(unsigned set) noexcept;

  unsigned padded_;
  unsigned count_;  // inputs without padding
  float first_weight_;
  std::vector<float> firsts_;  // [phase][set][padded_], or empty
  unsigned phase_ = 0;
  AlignedFloats inputs_;
  // Rows stand side by side in the order in which they first learned: most never do in a short input, which
  // would touch a page for each that does (1 kB at -5: half of its page faults). Before, each set has one
  // place where the selected one is filled.
  model::ZeroedArray weights_;
  model::Zeroed<std::uint32_t> places_;  // [row of any set]: its place in weights_; 0: it has learned nothing
  std::uint32_t placed_ = 0;             // places that are taken
  std::size_t ready_ = 0;                // of weights_
  std::vector<std::size_t> first_rows_;  // [set]: its row 0, counted over all sets
  std::vector<unsigned> rows_;
  std::vector<float*> selected_;  // [set]: the vectors that the last select() took
  AlignedFloats outputs_;
  AlignedFloats errors_;
  MixerRate rate_;
  RateTable rates_;
  float joint_share_;
  std::optional<Preconditioner> preconditioner_;
  model::ZeroedArray visits_;        // [place]: updates so far
  std::vector<std::size_t> chosen_;  // [set]: selected row, counted over all sets
  std::vector<std::size_t> at_;      // [set]: its place
};

}  // namespace ssmz::codec
