// SPDX-License-Identifier: Apache-2.0
// Sparse neighbour counts, Hellinger features, recursive splits at the weighted median of the principal
// component.
#include "codec/distributional_classes.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

namespace ssmz::codec {
namespace {

constexpr std::uint32_t no_context = 0xffffffffu;
constexpr unsigned column_bits = 11;  // Side and context.
constexpr unsigned weight_bits = 8;
constexpr unsigned class_bits = 12;
constexpr std::size_t sightings_limit = std::size_t{1} << 25;
// A lexeme seen n times keeps n / (n + this) of its own features; the rest comes from lexemes spelled alike.
constexpr double relatives_weight = 30;
constexpr std::size_t relatives_features = 96;
// Exponent on the lexeme's weight when groups are halved: 1 balances text, 0 balances the vocabulary.
constexpr double mass_exponent = 0.7;
constexpr int power_iterations = 20;

// Lexemes spelled alike: same ending for words, same first byte for the rest.
std::string relatives_key(const Vocabulary& vocabulary, LexemeId id) {
  const std::string_view spelling = vocabulary.spelling(id);
  if (!vocabulary.is_word(id)) return {'_', spelling[0]};
  const std::string_view ending =
      spelling.substr(spelling.size() - std::min<std::size_t>(3, spelling.size()));
  std::string key(1, spelling.size() <= 4 ? '-' : '+');
  return key.append(ending);
}

}  // namespace

DistributionalClasses::DistributionalClasses(const Vocabulary& vocabulary, std::uint32_t context_count)
    : vocabulary_(vocabulary),
      context_count_(std::min<std::uint32_t>(context_count, 1024)),
      context_of_(vocabulary.size(), no_context),
      classes_(vocabulary.size(), 0) {
  std::vector<LexemeId> ids(vocabulary.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::stable_sort(ids.begin(), ids.end(),
                   [&](LexemeId a, LexemeId b) { return vocabulary.weight(a) > vocabulary.weight(b); });
  for (std::uint32_t i = 0; i < context_count_ && i < ids.size(); ++i) context_of_[ids[i]] = i;
}

void DistributionalClasses::add(std::span<const Token> tokens, std::uint32_t weight) {
  const auto see = [&](LexemeId lexeme, std::uint32_t side, LexemeId neighbour) {
    const std::uint64_t context = context_of_[neighbour];
    if (context == no_context) return;
    const std::uint64_t column = side << (column_bits - 1) | context;
    sightings_.push_back((std::uint64_t{lexeme} << column_bits | column) << weight_bits | weight);
  };
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    see(tokens[i].lexeme, 0, tokens[i - 1].lexeme);
    see(tokens[i - 1].lexeme, 1, tokens[i].lexeme);
    if (sightings_.size() >= sightings_limit) compact();
  }
}

// Sorts the sightings and adds them to the tallies.
void DistributionalClasses::compact() {
  std::sort(sightings_.begin(), sightings_.end());
  std::vector<Tally> merged;
  merged.reserve(tallies_.size() + sightings_.size() / 4);
  std::size_t old = 0;
  for (std::size_t i = 0; i < sightings_.size();) {
    Tally tally{sightings_[i] >> weight_bits, 0};
    for (; i < sightings_.size() && sightings_[i] >> weight_bits == tally.key; ++i) {
      tally.count += sightings_[i] & ((1u << weight_bits) - 1);
    }
    while (old < tallies_.size() && tallies_[old].key < tally.key) merged.push_back(tallies_[old++]);
    if (old < tallies_.size() && tallies_[old].key == tally.key) tally.count += tallies_[old++].count;
    merged.push_back(tally);
  }
  merged.insert(merged.end(), tallies_.begin() + static_cast<std::ptrdiff_t>(old), tallies_.end());
  tallies_ = std::move(merged);
  sightings_.clear();
}

void DistributionalClasses::build_rows() {
  compact();
  rows_.assign(vocabulary_.size(), {});
  for (const Tally& tally : tallies_) {
    const auto column = static_cast<std::uint32_t>(tally.key & ((1u << column_bits) - 1));
    rows_[tally.key >> column_bits].push_back({column, static_cast<float>(tally.count)});
  }
  tallies_.clear();
  add_relatives();
  masses_.resize(rows_.size());
  for (LexemeId id = 0; id < rows_.size(); ++id) {
    normalise(rows_[id]);
    masses_[id] = static_cast<float>(std::pow(vocabulary_.weight(id), mass_exponent));
  }
}

// Mixes the mean features of lexemes spelled alike into each row: rare lexemes land where their kind is.
void DistributionalClasses::add_relatives() {
  std::map<std::string, std::vector<LexemeId>> groups;
  for (LexemeId id = 0; id < rows_.size(); ++id) groups[relatives_key(vocabulary_, id)].push_back(id);
  std::vector<float> dense(std::size_t{1} << column_bits);
  for (const auto& [key, members] : groups) {
    std::fill(dense.begin(), dense.end(), 0.0f);
    for (LexemeId id : members) {
      float total = 0;
      for (const Feature& feature : rows_[id]) total += feature.value;
      for (const Feature& feature : rows_[id]) dense[feature.column] += feature.value / std::sqrt(total);
    }
    Row mean;
    for (std::uint32_t column = 0; column < dense.size(); ++column) {
      if (dense[column] > 0) mean.push_back({column, dense[column]});
    }
    const auto heavier = [](const Feature& a, const Feature& b) {
      return a.value != b.value ? a.value > b.value : a.column < b.column;
    };
    std::sort(mean.begin(), mean.end(), heavier);
    mean.resize(std::min(mean.size(), relatives_features));
    float sum = 0;
    for (const Feature& feature : mean) sum += feature.value;
    for (LexemeId id : members) {
      for (const Feature& feature : mean) {
        const auto value = static_cast<float>(2 * relatives_weight) * feature.value / sum;
        rows_[id].push_back({feature.column, value});
      }
    }
  }
}

// Merges equal columns, then makes each side a unit vector of square roots of shares.
void DistributionalClasses::normalise(Row& row) const {
  std::stable_sort(row.begin(), row.end(),
                   [](const Feature& a, const Feature& b) { return a.column < b.column; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (kept > 0 && row[kept - 1].column == row[i].column) {
      row[kept - 1].value += row[i].value;
    } else {
      row[kept++] = row[i];
    }
  }
  row.resize(kept);
  float totals[2] = {0, 0};
  for (const Feature& feature : row) totals[feature.column >> (column_bits - 1)] += feature.value;
  for (Feature& feature : row) {
    feature.value = std::sqrt(feature.value / totals[feature.column >> (column_bits - 1)]);
  }
}

std::vector<float> DistributionalClasses::mean_of(std::span<const LexemeId> members) const {
  std::vector<float> mean(std::size_t{1} << column_bits);
  float total = 0;
  for (LexemeId id : members) {
    total += masses_[id];
    for (const Feature& feature : rows_[id]) mean[feature.column] += masses_[id] * feature.value;
  }
  for (float& value : mean) value /= total;
  return mean;
}

// Power iteration on the weighted covariance of the members' rows, never formed.
std::vector<float> DistributionalClasses::principal_component(std::span<const LexemeId> members,
                                                              const std::vector<float>& mean) const {
  std::vector<float> direction(mean.size());
  std::uint32_t seed = 1;
  for (float& value : direction) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(seed >> 8) / 16777216.0f - 0.5f;
  }
  for (int i = 0; i < power_iterations; ++i) {
    float offset = 0;
    for (std::size_t c = 0; c < mean.size(); ++c) offset += mean[c] * direction[c];
    std::vector<float> next(mean.size());
    float total = 0;
    for (LexemeId id : members) {
      float score = -offset;
      for (const Feature& feature : rows_[id]) score += feature.value * direction[feature.column];
      score *= masses_[id];
      total += score;
      for (const Feature& feature : rows_[id]) next[feature.column] += score * feature.value;
    }
    double norm = 0;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      next[c] -= total * mean[c];
      norm += double{next[c]} * double{next[c]};
    }
    if (norm == 0) break;
    const auto scale = static_cast<float>(1 / std::sqrt(norm));
    for (std::size_t c = 0; c < mean.size(); ++c) direction[c] = next[c] * scale;
  }
  return direction;
}

void DistributionalClasses::divide(std::vector<LexemeId>& members, unsigned depth) {
  if (depth == class_bits || members.size() < 2) return;
  const std::vector<float> direction = principal_component(members, mean_of(members));
  std::vector<std::pair<float, LexemeId>> scored;
  scored.reserve(members.size());
  double total = 0;
  for (LexemeId id : members) {
    float score = 0;
    for (const Feature& feature : rows_[id]) score += feature.value * direction[feature.column];
    scored.emplace_back(score, id);
    total += double{masses_[id]};
  }
  std::sort(scored.begin(), scored.end());
  std::vector<LexemeId> halves[2];
  double sum = 0;
  for (const auto& [score, id] : scored) {
    const bool upper = !halves[0].empty() && sum + double{masses_[id]} / 2 > total / 2;
    halves[upper ? 1 : 0].push_back(id);
    sum += double{masses_[id]};
  }
  if (halves[1].empty()) {
    halves[1].push_back(halves[0].back());
    halves[0].pop_back();
  }
  for (LexemeId id : halves[1])
    classes_[id] = static_cast<std::uint16_t>(classes_[id] | 1u << (class_bits - 1 - depth));
  members = {};
  divide(halves[0], depth + 1);
  divide(halves[1], depth + 1);
}

std::vector<std::uint16_t> DistributionalClasses::split(const std::function<bool(double)>& progress) {
  build_rows();
  if (!progress(0.3)) return classes_;
  std::vector<LexemeId> all(vocabulary_.size());
  std::iota(all.begin(), all.end(), 0);
  divide(all, 0);
  progress(1);
  return classes_;
}

}  // namespace ssmz::codec
