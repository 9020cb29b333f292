// SPDX-License-Identifier: Apache-2.0
// Groups lexemes by their neighbours: a 12-bit code whose prefixes are coarser groups.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "codec/training/neighbour_features.hpp"

namespace ssmz::codec {

/// Splits the lexemes into halves of about equal weight, twelve times over. Each split starts from the
/// principal component of the members' rows and is then refined so that the half of a member says as much as
/// it can about its neighbours (and so the neighbours about the decision between the halves, which is what
/// the coder pays for).
class DistributionalClasses {
 public:
  /// `rows` is [lexeme]; `weights` is [lexeme], each at least 1.
  DistributionalClasses(std::vector<FeatureRow> rows, const std::vector<std::uint32_t>& weights);

  /// Class of every lexeme. `progress` gets the share done (0..1); returning false stops (the result is then
  /// useless).
  std::vector<std::uint16_t> split(const std::function<bool(double)>& progress);

 private:
  struct Member {
    float score;
    std::uint32_t lexeme;
    bool operator<(const Member& other) const {
      return score != other.score ? score < other.score : lexeme < other.lexeme;
    }
  };
  using Members = std::vector<Member>;  // Once sorted: low scores go to the half with bit 0.

  void divide(Members members, unsigned depth);
  [[nodiscard]] std::vector<float> mean_of(const Members& members) const;
  [[nodiscard]] std::vector<float> principal_component(const Members& members) const;
  [[nodiscard]] std::vector<float> likelihood_ratios(const Members& sorted) const;
  [[nodiscard]] std::size_t middle(const Members& sorted) const;

  std::vector<FeatureRow> rows_;
  std::vector<float> masses_;  // [lexeme]: how much it counts when a group is halved
  std::vector<std::uint16_t> classes_;
  std::size_t settled_ = 0;  // Lexemes whose class is final.
  std::function<bool(double)> progress_;
  bool going_ = true;
};

}  // namespace ssmz::codec
