// SPDX-License-Identifier: Apache-2.0
// What the training of first values gathers, and how it is fitted to sums of few parts and written.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/context_bank.hpp"
#include "codec/predict/first_values.hpp"
#include "codec/predict/history_chain.hpp"
#include "codec/predict/mixer.hpp"

namespace ssmz::codec::training {

using Bytes = std::vector<std::uint8_t>;

constexpr double most_evidence = 60;    // bits that an entry of one piece counts for: pieces shall be even
constexpr double context_ridge = 20.0;  // bits without evidence that a context differs
// Of a vector's weights as bytes: finer ones would take some 8 kB more, packed, for less than 0.01 %.
constexpr double largest_weight = 63.0;
constexpr double chain_ridge = 100.0;  // updates without evidence that a phase or a stage differs
constexpr int steps_a_nat = 16;

// Sums of probabilities in a table's entries, by how many bits each has seen.
class MapSums {
 public:
  void add(const AdaptiveMap& map) {
    ones_.resize(map.size()), bits_.resize(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) {
      const double bits = std::min<double>(map.count(i), most_evidence);
      ones_[i] += bits * map.probability(i) / 65536.0;
      bits_[i] += bits;
    }
  }
  [[nodiscard]] std::size_t size() const { return bits_.size(); }
  [[nodiscard]] double bits(std::size_t i) const { return bits_[i]; }
  [[nodiscard]] double ones(std::size_t i) const { return ones_[i]; }

 private:
  std::vector<double> ones_, bits_;
};

inline double logit_of(double ones, double bits) { return std::log((ones + 0.2) / (bits - ones + 0.2)); }

inline std::uint8_t quantised(double value, int steps = steps_a_nat) {
  return static_cast<std::uint8_t>(
      static_cast<std::int8_t>(std::clamp(std::lround(value * steps), -127L, 127L)));
}

inline std::uint8_t quantised_or_unknown(double ones, double bits) {
  return bits < 4.0 ? static_cast<std::uint8_t>(FirstValues::unknown) : quantised(logit_of(ones, bits));
}

// The sum of the selected weights of a mixer layer, by phase and set.
class WeightSums {
 public:
  WeightSums() = default;
  WeightSums(unsigned phases, unsigned sets, std::size_t inputs)
      : phases_(phases), sets_(sets), inputs_(inputs), sums_(phases * sets * inputs), counts_(phases) {}

  void add(unsigned phase, const MixerLayer& layer) {
    ++counts_[phase];
    for (unsigned set = 0; set < sets_; ++set) {
      const float* const weights = layer.selected(set);
      double* const sum = &sums_[(phase * sets_ + set) * inputs_];
      for (std::size_t i = 0; i < inputs_; ++i) sum[i] += static_cast<double>(weights[i]);
    }
  }
  [[nodiscard]] double count(unsigned phase) const { return counts_[phase]; }
  [[nodiscard]] double sum(unsigned phase, unsigned set, std::size_t input) const {
    return sums_[(phase * sets_ + set) * inputs_ + input];
  }
  [[nodiscard]] unsigned phases() const { return phases_; }
  [[nodiscard]] unsigned sets() const { return sets_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }

 private:
  unsigned phases_ = 0, sets_ = 0;
  std::size_t inputs_ = 0;
  std::vector<double> sums_, counts_;
};

inline void append_vector(const std::vector<double>& weights, Bytes& out) {
  double most = 1e-6;
  for (const double w : weights) most = std::max(most, std::abs(w));
  const int exponent = std::clamp(static_cast<int>(std::floor(std::log2(largest_weight / most))), 0, 31);
  out.push_back(static_cast<std::uint8_t>(exponent));
  for (const double w : weights)
    out.push_back(static_cast<std::uint8_t>(
        static_cast<std::int8_t>(std::clamp(std::lround(std::ldexp(w, exponent)), -127L, 127L))));
}

// First weights as the mean of those in use: of each phase over all sets, and how each set differs from it.
inline void append_weights(const WeightSums& sums, Bytes& out) {
  const unsigned phases = sums.phases(), sets = sums.sets();
  std::vector<std::vector<double>> common(phases, std::vector<double>(sums.inputs()));
  for (unsigned phase = 0; phase < phases; ++phase) {
    for (std::size_t i = 0; i < sums.inputs(); ++i) {
      for (unsigned set = 0; set < sets; ++set) common[phase][i] += sums.sum(phase, set, i);
      common[phase][i] /= std::max(1.0, sums.count(phase)) * sets;
    }
    append_vector(common[phase], out);
  }
  double all = 0.0;
  for (unsigned phase = 0; phase < phases; ++phase) all += sums.count(phase);
  for (unsigned set = 0; set < sets; ++set) {
    std::vector<double> more(sums.inputs());
    for (std::size_t i = 0; i < sums.inputs(); ++i) {
      for (unsigned phase = 0; phase < phases; ++phase)
        more[i] += sums.sum(phase, set, i) - sums.count(phase) * common[phase][i];
      more[i] /= std::max(1.0, all);
    }
    append_vector(more, out);
  }
}

inline void append_final_weights(const WeightSums& sums, Bytes& out) {
  for (unsigned phase = 0; phase < sums.phases(); ++phase) {
    for (unsigned i = 0; i < sums.sets(); ++i) {
      std::vector<double> weights(sums.inputs());
      for (std::size_t k = 0; k < weights.size(); ++k)
        weights[k] = sums.count(phase) > 0 ? sums.sum(phase, i, k) / sums.count(phase)
                                           : 1.0 / static_cast<double>(weights.size());
      append_vector(weights, out);
    }
  }
}

// Maps of histories as a sum of what a phase and what a context is worth, for one kind of history.
class HistoryFit {
 public:
  HistoryFit(const MapSums& histories, const std::vector<std::uint8_t>& groups, unsigned contexts,
             unsigned kind)
      : histories_(histories), groups_(groups), kind_(kind), phases_(groups.size()), contexts_(contexts) {
    for (int round = 0; round < 8; ++round) fit_phases(), fit_contexts();
    fit_phases();
  }
  [[nodiscard]] std::uint8_t phase(unsigned p) const {
    return known_[p] ? quantised(phases_[p]) : static_cast<std::uint8_t>(FirstValues::unknown);
  }
  [[nodiscard]] std::uint8_t context(unsigned c) const { return quantised(contexts_[c]); }

 private:
  struct Cell {
    double logit, weight;
  };
  [[nodiscard]] Cell cell(unsigned p, unsigned c) const {
    const std::size_t i = (std::size_t{p} * ContextBank::map_size + kind_) * contexts_.size() + c;
    const double bits = histories_.bits(i), ones = histories_.ones(i);
    const double share = (ones + 0.2) / (bits + 0.4);
    return {logit_of(ones, bits), bits * share * (1.0 - share) * 4.0};
  }
  void fit_phases() {
    known_.assign(phases_.size(), false);
    for (unsigned p = 0; p < phases_.size(); ++p) {
      double sum = 0.0, weight = 0.0;
      for (unsigned c = 0; c < contexts_.size(); ++c) {
        const Cell at = cell(p, c);
        sum += at.weight * (at.logit - (groups_[p] ? contexts_[c] : 0.0)), weight += at.weight;
      }
      known_[p] = weight > 1.0;
      phases_[p] = known_[p] ? sum / weight : 0.0;
    }
  }
  void fit_contexts() {
    for (unsigned c = 0; c < contexts_.size(); ++c) {
      double sum = 0.0, weight = context_ridge;
      for (unsigned p = 0; p < phases_.size(); ++p) {
        if (!groups_[p] || !known_[p]) continue;
        const Cell at = cell(p, c);
        sum += at.weight * (at.logit - phases_[p]), weight += at.weight;
      }
      contexts_[c] = sum / weight;
    }
  }

  const MapSums& histories_;
  const std::vector<std::uint8_t>& groups_;
  unsigned kind_;
  std::vector<double> phases_, contexts_;
  std::vector<bool> known_;
};

// The weights of chains, by how often each was moved while it was them. Those of all pieces: they are carried
// on from one to the next, since one piece moves few of them far.
class ChainSums {
 public:
  /// The chains have gone on from `before` to `after`.
  void add(const HistoryChain& before, const HistoryChain& after) {
    cells_.resize(after.size());
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const HistoryChain::Weights from = before.weights(i), to = after.weights(i);
      const double visits = static_cast<double>(to.visits) - static_cast<double>(from.visits);
      cells_[i].visits += visits;
      cells_[i].logit += visits * static_cast<double>(to.logit - HistoryChain::usual(i).logit);
      cells_[i].constant += visits * static_cast<double>(to.constant - HistoryChain::usual(i).constant);
    }
  }
  [[nodiscard]] unsigned stages(unsigned phases) const {
    return static_cast<unsigned>(cells_.size() / phases / ContextBank::map_size);
  }
  struct Cell {
    double logit = 0.0, constant = 0.0,
           visits = 0.0;  // the first two: how much more than usual, times visits
  };
  [[nodiscard]] const Cell& at(std::size_t i) const { return cells_[i]; }

 private:
  std::vector<Cell> cells_;
};

// Weights of chains for one kind of history: the constant as a sum of what a phase and what a stage is worth,
// the logit's by stage; all as what they are more than usual.
class ChainFit {
 public:
  ChainFit(const ChainSums& sums, unsigned phases, unsigned kind)
      : sums_(sums),
        kind_(kind),
        phases_(phases),
        constants_(sums.stages(phases)),
        logits_(constants_.size()) {
    for (int round = 0; round < 8; ++round) fit(phases_, true), fit(constants_, false);
    for (unsigned s = 0; s < logits_.size(); ++s) {
      double sum = 0.0, visits = chain_ridge;
      for (unsigned p = 0; p < phases; ++p) sum += cell(p, s).logit, visits += cell(p, s).visits;
      logits_[s] = sum / visits;
    }
  }
  [[nodiscard]] std::uint8_t phase(unsigned p) const { return quantised(phases_[p]); }
  [[nodiscard]] std::uint8_t constant(unsigned s) const { return quantised(constants_[s]); }
  [[nodiscard]] std::uint8_t logit(unsigned s) const {
    return quantised(logits_[s], FirstValues::chain_logit_steps);
  }

 private:
  [[nodiscard]] const ChainSums::Cell& cell(unsigned p, unsigned s) const {
    return sums_.at((std::size_t{p} * constants_.size() + s) * ContextBank::map_size + kind_);
  }
  void fit(std::vector<double>& parts, bool by_phase) {
    const std::vector<double>& others = by_phase ? constants_ : phases_;
    for (unsigned i = 0; i < parts.size(); ++i) {
      double sum = 0.0, visits = chain_ridge;
      for (unsigned k = 0; k < others.size(); ++k) {
        const ChainSums::Cell& at = by_phase ? cell(i, k) : cell(k, i);
        sum += at.constant - at.visits * others[k], visits += at.visits;
      }
      parts[i] = sum / visits;
    }
  }

  const ChainSums& sums_;
  unsigned kind_;
  std::vector<double> phases_, constants_, logits_;
};

}  // namespace ssmz::codec::training
