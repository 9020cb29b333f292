// SPDX-License-Identifier: Apache-2.0
// Decisions about a deflate stream, coded by what they were before in some contexts. One code for both
// directions: see DecisionIo.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/coder_probability.hpp"
#include "codec/predict/decision_io.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {

/// FORMAT. The count at which what is known of a context stops weighing more.
inline constexpr unsigned choice_limit = 255;
/// FORMAT. How many decisions a probability that is set at first weighs as.
inline constexpr unsigned first_count = 2;

/// A decision in one context.
class Choice {
 public:
  explicit Choice(std::size_t contexts) : map_(contexts, choice_limit) {}
  /// `first`: of each context, how probable a 1 is at first, of 2^16.
  explicit Choice(std::initializer_list<unsigned> first) : map_(first.size(), choice_limit) {
    std::size_t context = 0;
    for (const unsigned probability : first) start(context++, probability);
  }

  void start(std::size_t context, unsigned probability) { map_.set(context, probability, first_count); }

  bool code(DecisionIo& io, bool bit, std::size_t context = 0) {
    const bool is = io.code(bit, coder_probability(map_.probability(context)), {}) != 0;
    map_.update(context, is);
    return is;
  }

 private:
  AdaptiveMap map_;
};

/// A decision in several contexts at once, mixed in the logistic domain.
class MixedChoice {
 public:
  /// Contexts of each input, and of the weights.
  MixedChoice(std::initializer_list<std::size_t> sizes, std::size_t sets);

  /// How probable a 1 is at first in a context of an input, of 2^16.
  void start(std::size_t input, std::size_t context, unsigned probability) {
    maps_[input].set(context, probability, first_count);
  }
  /// `contexts`: one of each input; `set`: of the weights.
  bool code(DecisionIo& io, bool bit, std::span<const std::size_t> contexts, std::size_t set);

 private:
  std::vector<AdaptiveMap> maps_;
  std::vector<float> weights_;  // [set][maps_]
};

/// A number of `bits` bits, highest first.
class NumberChoice {
 public:
  NumberChoice(unsigned bits, std::size_t contexts) : bits_(bits), choice_(contexts << bits) {}

  unsigned code(DecisionIo& io, unsigned value, std::size_t context = 0) {
    unsigned node = 1;
    for (unsigned bit = bits_; bit-- > 0;)
      node = 2 * node + choice_.code(io, (value >> bit & 1) != 0, (context << bits_) + node);
    return node - (1u << bits_);
  }

 private:
  unsigned bits_;
  Choice choice_;
};

}  // namespace ssmz::codec
