// SPDX-License-Identifier: Apache-2.0
// A block's decisions, and how what is known by then weighs them.
#include "codec/jpeg/coefficient_model.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "codec/block/content_model.hpp"
#include "codec/jpeg/coefficient_kinds.hpp"
#include "codec/predict/selector.hpp"
#include "codec/predict/symbol_walk.hpp"

namespace ssmz::codec {

struct CoefficientModel::Tables {
  using S = Situation;
  static constexpr unsigned kinds = kind_count;
  static constexpr Selector<S> weight_sets[] = {
      {"kind and place", kinds * 64, [](const S& s) { return s.kind * 64 + s.place; }},
      {"kind, component and around", kinds * 3 * 16,
       [](const S& s) { return (s.kind * 3 + s.component) * 16 + s.around; }},
      {"kind, component and inside", kinds * 3 * 16,
       [](const S& s) { return (s.kind * 3 + s.component) * 16 + s.inside; }},
      {"kind and expected", kinds * 3 * 16,
       [](const S& s) { return (s.kind * 3 + s.component) * 16 + s.expected; }},
      {"kind and last", kinds * 3 * 16, [](const S& s) { return (s.kind * 3 + s.component) * 16 + s.last; }},
  };
  static constexpr Selector<S> finals[] = {
      {"kind and place", kinds * 64, [](const S& s) { return s.kind * 64 + s.place; }},
      {"around and inside", 16 * 16, [](const S& s) { return s.around * 16 + s.inside; }},
  };
  static constexpr Selector<S> apms[] = {
      {"kind and place", kinds * 64, [](const S& s) { return s.kind * 64 + s.place; }},
      {"kind, around and inside", kinds * 64,
       [](const S& s) { return s.kind * 64 + s.around / 2 * 8 + s.inside / 2; }},
  };
  static DecisionModelShape shape_of(const JpegEffort& effort) {
    DecisionModelShape shape;
    shape.extra_inputs = effort.contexts * SlotGroups::inputs_per_context;
    shape.history_log2 = 12;  // no matches follow it; APMs have as many rows
    // 41 pictures of 1 to 21 kB, 284,829 bytes, at -5 and -1, and six of 56 to 357 kB: sum 5 and rate 0.02
    // 239,566, 260,649 and 569,653, 606,554; 2 and 0.02 237,886, 248,664 and 569,039, 599,644; 1.5 and 0.03
    // 237,682, 247,937 and 569,157, 598,964; 2 and 0.04 237,796, 247,856 and 569,435, 598,868.
    shape.first_weight_sum = 1.5f;
    shape.rate.first = 0.03f;
    shape.preconditioner_rank = effort.preconditioner_rank;
    shape.second_joint_share = effort.second_joint_share;
    shape.set_rows = rows_of(first_of<S>(weight_sets, effort.sets));
    shape.final_rows = rows_of(first_of<S>(finals, effort.finals));
    shape.apm_contexts = rows_of(first_of<S>(apms, effort.apms));
    return shape;
  }
};

namespace {

constexpr std::uint64_t salt_more = 0x100, salt_sign = 0x200;
constexpr unsigned own_group = 3;  // from so many bits on each length has a group of its own
constexpr std::int32_t constant_weight = 128, other_weight = 181;  // of basis functions at a border

std::int32_t weight(unsigned frequency) { return frequency ? other_weight : constant_weight; }

}  // namespace

CoefficientModel::CoefficientModel(SlotTable& table, const JpegEffort& effort)
    : effort_(effort),
      groups_(effort.contexts, kind_count, effort.groups_log2),
      model_(Tables::shape_of(effort), table) {}

std::uint64_t CoefficientModel::memory(const JpegEffort& effort) {
  return SlotGroups::memory(effort.contexts, kind_count, effort.groups_log2) +
         DecisionModel::memory(Tables::shape_of(effort)) + BlockRows::memory();
}

void CoefficientModel::begin(const JpegHeader& header) {
  header_ = header;
  rows_.begin(header);
  for (unsigned c = 0; c < header.count; ++c)
    for (unsigned n = 0; n < 64; ++n)
      for (const unsigned frequency : {0u, 1u})
        per_step_[c][frequency][n] = (1 << 26) / (header.components[c].steps[n] * weight(frequency));
}

bool CoefficientModel::code(DecisionIo& io, std::uint64_t mcu, JpegMcu& blocks) {
  std::size_t block = 0;
  return visit_mcu(header_, mcu, [&](unsigned c, std::uint32_t row, std::uint32_t column) {
    return code_block(io, c, row, column, blocks[block++]);
  });
}

Surroundings CoefficientModel::surroundings(unsigned component, std::int64_t row, std::int64_t column) const {
  Surroundings found{};
  found.above = &rows_.at(component, row - 1, column);
  found.left = &rows_.at(component, row, column - 1);
  found.corner = &rows_.at(component, row - 1, column - 1);
  found.left_left = &rows_.at(component, row, column - 2);
  found.right_above = &rows_.at(component, row - 1, column + 1);
  // The same place in the component before, and in the first one.
  const auto in_other = [&](unsigned other) {
    const JpegComponent &own = header_.components[component], &its = header_.components[other];
    return &rows_.at(other, row * its.down / own.down, column * its.across / own.across);
  };
  found.first = component > 0 ? in_other(0) : &rows_.at(component, -1, -1);
  found.other = component > 1 ? in_other(component - 1) : found.first;
  found.left_sums = found.left->right_sums;
  found.above_sums = found.above->below_sums;
  return found;
}

bool CoefficientModel::code_block(DecisionIo& io, unsigned component, std::int64_t row, std::int64_t column,
                                  JpegBlock& block) {
  KeptBlock& kept = rows_.next(component, row, column);
  kept.there = 0;
  around_ = surroundings(component, row, column);
  component_ = component;
  nonzeros_ = 0;
  unsigned last = 63;
  while (last > 0 && block[jpeg_zigzag[last]] == 0) --last;
  code_last(io, last);
  for (unsigned k = last_ + 1; k < 64; ++k) block[jpeg_zigzag[k]] = 0;
  for (unsigned k = last_; k > 0; --k) {
    if (k % exhaustion_interval == 0 && io.exhausted()) return false;
    code_coefficient(io, k, block);
  }
  code_dc(io, block);
  finish_block(block, kept);
  return !io.exhausted();
}

unsigned CoefficientModel::decide(DecisionIo& io, bool bit, unsigned node, unsigned kind) {
  situation_.kind = kind;
  groups_.predict(node, kind, model_.extra());
  const auto choose = [this] {
    DecisionContexts chosen;
    choose_rows<Situation>(first_of<Situation>(Tables::weight_sets, effort_.sets), situation_, chosen.sets);
    choose_rows<Situation>(first_of<Situation>(Tables::finals, effort_.finals), situation_, chosen.finals);
    choose_rows<Situation>(first_of<Situation>(Tables::apms, effort_.apms), situation_, chosen.apms);
    return chosen;
  };
  const unsigned coded =
      model_.decide(io, bit, Position{}, 0, choose, [](unsigned) { return NextDecision{}; });
  groups_.update(coded);
  return coded;
}

// Six bits, the highest first.
void CoefficientModel::code_last(DecisionIo& io, unsigned last) {
  const Surroundings& s = around_;
  const unsigned mean = (s.above->last + s.left->last) / 2u;
  situation_ = {.component = std::min(component_, 2u),
                .around = std::min(15u, mean / 4),
                .inside = std::min(15u, s.other->last / 4u),
                .expected = std::min(15u, (s.above->nonzeros + s.left->nonzeros) / 4u),
                .last = std::min(15u, s.corner->last / 4u)};
  list_last(s, component_, groups_);
  SymbolWalk(model_).begin([] {});
  unsigned value = 1;
  for (unsigned bit = 0; bit < 6; ++bit) {
    if (bit == 3) groups_.enter(salt_more + value);
    situation_.place = value;
    const unsigned first = (1u << bit % 3) - 1;
    value = value * 2 + decide(io, last >> (5 - bit) & 1, first + (value & first), kind_last + bit);
  }
  SymbolWalk(model_).end(value);
  last_ = value & 63;
}

// In quarters of a coefficient's step.
int CoefficientModel::quarters(std::int64_t sum, unsigned frequency, unsigned n) const {
  const std::int64_t scaled = sum * per_step_[component_][frequency != 0][n] / (1 << 24);
  return static_cast<int>(std::clamp<std::int64_t>(scaled, -255, 255));
}

void CoefficientModel::list(unsigned k, const JpegBlock& block) {
  const Surroundings& s = around_;
  const unsigned n = jpeg_zigzag[k], u = n % 8, v = n / 8;
  CoefficientFeatures f;
  f.from_left = quarters(s.left_sums[v], u, n);
  f.from_above = quarters(s.above_sums[u], v, n);
  // Of a first row or column all that the border asks for is known but for this.
  const int expected = u == 0 ? f.from_left : v == 0 ? f.from_above : (f.from_left + f.from_above) / 2;
  expected_negative_ = expected < 0;
  f.k = k;
  f.component = component_;
  f.last = last_;
  f.nonzeros = nonzeros_;
  f.around_nonzeros = (s.above->nonzeros + s.left->nonzeros) / 2u;
  f.expected = static_cast<unsigned>(std::abs(expected));
  f.size = bucket(f.expected);
  const int sign = expected_negative_ ? -1 : 1;
  const auto inner = [&](unsigned du, unsigned dv) {
    return u + du < 8 && v + dv < 8 ? sign * block[n + du + 8 * dv] : 0;
  };
  const auto before = [&](unsigned back) { return k + back < 64 ? sign * block[jpeg_zigzag[k + back]] : 0; };
  f.from_left *= sign;
  f.from_above *= sign;
  f.above = sign * s.above->values[n];
  f.left = sign * s.left->values[n];
  f.corner = sign * s.corner->values[n];
  f.right_above = sign * s.right_above->values[n];
  f.left_left = sign * s.left_left->values[n];
  f.other = sign * s.other->values[n];
  f.first = sign * s.first->values[n];
  f.inner = {inner(1, 0), inner(0, 1), inner(1, 1), inner(2, 0), inner(0, 2)};
  f.before = {before(1), before(2), before(3)};
  f.finish();
  situation_ = {.place = k,
                .component = std::min(component_, 2u),
                .around = f.around,
                .inside = f.inside,
                .expected = f.size,
                .last = last_ / 4};
  list_coefficient(f, s, groups_);
}

// Whether it is 0, whether its sign is the expected one, how many bits it has, in unary, and those below the
// first, the highest first.
int CoefficientModel::code_value(DecisionIo& io, int value, bool may_be_zero, unsigned longest) {
  SymbolWalk(model_).begin([] {});
  if (may_be_zero && decide(io, value == 0, 0, kind_zero)) {
    SymbolWalk(model_).end(0);
    return 0;
  }
  const bool unexpected = decide(io, (value < 0) != expected_negative_, 1, kind_sign);
  groups_.split(salt_sign + unexpected);
  const auto magnitude = static_cast<unsigned>(std::abs(value));
  const auto size = static_cast<unsigned>(std::bit_width(magnitude));
  unsigned bits = 1;
  while (bits < longest && decide(io, size > bits, bits < own_group ? bits + 1 : 0,
                                  kind_longer + std::min(bits, kind_first_bit - kind_longer) - 1)) {
    ++bits;
    if (bits >= own_group) groups_.enter(salt_more + bits);
  }
  const int coded = static_cast<int>(code_bits(io, magnitude, bits));
  return unexpected != expected_negative_ ? -coded : coded;
}

unsigned CoefficientModel::code_bits(DecisionIo& io, unsigned magnitude, unsigned bits) {
  unsigned coded = 1;
  for (unsigned i = 1; i < bits; ++i) {
    const unsigned node = bits < own_group ? 4u : i == 1 ? 1u : i == 2 ? coded : std::min(i + 1, 6u);
    const unsigned kind =
        i == 1 ? kind_first_bit + std::min(bits, 6u) - 2 : kind_more_bits + std::min(i, 4u) - 2;
    coded = coded * 2 + decide(io, magnitude >> (bits - 1 - i) & 1, node, kind);
  }
  SymbolWalk(model_).end(coded);
  return coded;
}

void CoefficientModel::code_coefficient(DecisionIo& io, unsigned k, JpegBlock& block) {
  const unsigned n = jpeg_zigzag[k];
  list(k, block);
  const int value = code_value(io, block[n], k != last_, longest_ac_bits);
  block[n] = static_cast<std::int16_t>(value);
  if (value == 0) return;
  ++nonzeros_;
  const std::int32_t scaled = std::clamp(value * int{header_.components[component_].steps[n]}, -32768, 32767);
  around_.left_sums[n / 8] -= scaled * weight(n % 8);
  around_.above_sums[n % 8] -= scaled * weight(n / 8);
}

void CoefficientModel::code_dc(DecisionIo& io, JpegBlock& block) {
  const Surroundings& s = around_;
  borders_ = border_pixels(block, header_.components[component_].steps);
  const int step = header_.components[component_].steps[0];
  int above = 0, left = 0, least = 1 << 20, most = -(1 << 20);
  for (unsigned i = 0; i < 8; ++i) {
    const int from_above = s.above->below[i] - borders_.above[i],
              from_left = s.left->right[i] - borders_.left[i];
    above += from_above;
    left += from_left;
    if (s.above->there) least = std::min(least, from_above), most = std::max(most, from_above);
    if (s.left->there) least = std::min(least, from_left), most = std::max(most, from_left);
  }
  const int sides = s.above->there + s.left->there;
  const int sum = above + left;
  const int miss_of_step = step * 8 * std::max(sides, 1);
  const int predicted = std::clamp(
      (sum >= 0 ? sum + miss_of_step / 2 : sum - miss_of_step / 2) / miss_of_step, -most_dc, most_dc);
  const int fraction = std::clamp((sum - predicted * miss_of_step) * 8 / miss_of_step, -4, 4);
  const int apart = std::clamp((above - left) / (8 * step), -255, 255);
  const unsigned spread = sides ? bucket(static_cast<unsigned>((most - least) * 2 / step)) : 15;
  const unsigned misses =
      bucket(static_cast<unsigned>(std::abs(s.above->dc_miss) + std::abs(s.left->dc_miss)));
  situation_ = {.place = 0,
                .component = std::min(component_, 2u),
                .around = misses,
                .inside = spread,
                .expected = bucket(static_cast<unsigned>(std::abs(apart))),
                .last = last_ / 4};
  list_dc({component_, fraction, apart, spread, misses, last_, nonzeros_}, s, groups_);
  expected_negative_ = false;
  const int miss = code_value(io, block[0] - predicted, true, 15);
  dc_miss_ = static_cast<std::int16_t>(std::clamp(miss, -32767, 32767));
  block[0] = static_cast<std::int16_t>(std::clamp(predicted + miss, -most_dc, most_dc));
}

void CoefficientModel::finish_block(const JpegBlock& block, KeptBlock& kept) {
  const JpegComponent& component = header_.components[component_];
  kept.values = block;
  kept.last = static_cast<std::uint8_t>(last_);
  kept.nonzeros = static_cast<std::uint8_t>(nonzeros_);
  kept.dc_miss = dc_miss_;
  kept.there = 1;
  kept.right_sums.fill(0);
  kept.below_sums.fill(0);
  for (unsigned k = 0; k <= last_; ++k) {
    const unsigned n = jpeg_zigzag[k], u = n % 8, v = n / 8;
    if (block[n] == 0) continue;
    const std::int32_t scaled = std::clamp(block[n] * int{component.steps[n]}, -32768, 32767);
    kept.right_sums[v] += (u % 2 ? -scaled : scaled) * weight(u);
    kept.below_sums[u] += (v % 2 ? -scaled : scaled) * weight(v);
  }
  const std::int32_t mean = std::clamp(block[0] * int{component.steps[0]}, -32768, 32767);
  for (unsigned i = 0; i < 8; ++i) {
    kept.below[i] = static_cast<std::int16_t>(std::clamp(borders_.below[i] + mean, -32767, 32767));
    kept.right[i] = static_cast<std::int16_t>(std::clamp(borders_.right[i] + mean, -32767, 32767));
  }
}

}  // namespace ssmz::codec
