// SPDX-License-Identifier: Apache-2.0
// What the class of the token before says of the decisions about attributes: counted over a corpus, and
// fitted so that few classes differ from those they begin like.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/text/attribute_decisions.hpp"
#include "codec/vocabulary/vocabulary.hpp"

namespace ssmz::codec::training {

class AttributeSums {
 public:
  void add(std::span<const Token> tokens, const Vocabulary& vocabulary) {
    std::uint32_t last_class = vocabulary.distributional_class(0);
    for (const Token token : tokens) {
      if (token.separator == Separator::spelled) continue;
      each_attribute_decision(token, vocabulary.is_word(token.lexeme), [&](unsigned decision, bool bit) {
        counts_[decision * classes + last_class][bit] += 1.0;
      });
      last_class = vocabulary.distributional_class(token.lexeme);
      ++tokens_;
    }
  }

  /// Logits of a 1 in sixteenths, [decision][class].
  [[nodiscard]] std::vector<std::uint8_t> logits() const {
    std::vector<std::uint8_t> out;
    for (unsigned decision = 0; decision < attribute_decisions; ++decision)
      for (const int value : fit(decision)) out.push_back(static_cast<std::uint8_t>(value));
    return out;
  }

 private:
  using Counts = std::array<double, 2>;
  static constexpr unsigned classes = 1u << class_bits;
  // Prefixes of a class from which the longer ones may differ, by steps of half a unit of a logit.
  static constexpr std::array<unsigned, 6> prefixes = {0, 4, 6, 8, 10, class_bits};
  static constexpr int step = 8;
  static constexpr double ridge = 20.0;  // occurrences without evidence that it differs
  // Bits that a difference must save for each token of the corpus: 3 kB packed. A third of them saved
  // 3 % more of the attributes' bits in the corpus for 1.3 kB.
  static constexpr double least_saving = 2e-5;

  static double one_of(int sixteenths) { return 1.0 / (1.0 + std::exp(-sixteenths / 16.0)); }
  static double cost(const Counts& counts, int sixteenths) {
    const double one = std::clamp(one_of(sixteenths), 1e-5, 1.0 - 1e-5);
    return -(counts[1] * std::log2(one) + counts[0] * std::log2(1.0 - one));
  }
  [[nodiscard]] int refined(int before, const Counts& counts) const {
    const double bits = counts[0] + counts[1] + ridge;
    const double one = std::clamp((counts[1] + ridge * one_of(before)) / bits, 1e-4, 1.0 - 1e-4);
    const double wanted = 16.0 * std::log(one / (1.0 - one));
    const int value = before + static_cast<int>(std::lround((wanted - before) / step)) * step;
    const bool pays = cost(counts, before) - cost(counts, value) >= least_saving * tokens_;
    return pays && std::abs(value) <= 127 ? value : before;
  }
  [[nodiscard]] std::vector<int> fit(unsigned decision) const {
    std::vector<int> values(1, 0);
    for (const unsigned bits : prefixes) {
      std::vector<Counts> sums(std::size_t{1} << bits);
      for (unsigned c = 0; c < classes; ++c)
        for (unsigned bit = 0; bit < 2; ++bit)
          sums[c >> (class_bits - bits)][bit] += counts_[decision * classes + c][bit];
      std::vector<int> finer(sums.size());
      for (std::size_t i = 0; i < sums.size(); ++i)
        finer[i] = refined(values[i * values.size() / sums.size()], sums[i]);
      values = std::move(finer);
    }
    return values;
  }

  std::vector<Counts> counts_ = std::vector<Counts>(std::size_t{attribute_decisions} * classes);
  double tokens_ = 0.0;
};

}  // namespace ssmz::codec::training
