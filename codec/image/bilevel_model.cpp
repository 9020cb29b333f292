// SPDX-License-Identifier: Apache-2.0
// The contexts and selectors of pixels of one bit.
#include "codec/image/bilevel_model.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "codec/block/bytewise_content.hpp"
#include "codec/predict/context_lister.hpp"
#include "codec/predict/selector.hpp"
#include "codec/predict/symbol_walk.hpp"
#include "codec/samples/sample_content.hpp"

namespace ssmz::codec {
namespace {

constexpr std::uint64_t salt = 21000;  // apart from the other models' contexts in the common table
constexpr unsigned right = BilevelModel::right;
using Situation = BilevelModel::Situation;

// The last `n` pixels of this row.
std::uint64_t left(const Situation& s, unsigned n) { return s.rows[0] & ((std::uint64_t{1} << n) - 1); }
// Of the row k above: `a` pixels to the left of x, the one at x, `b` to the right.
std::uint64_t part(const Situation& s, unsigned k, unsigned a, unsigned b) {
  return s.rows[k] >> (right - b) & ((std::uint64_t{1} << (a + b + 1)) - 1);
}

unsigned bucket(unsigned n) {
  if (n < 8) return n;
  return std::min(15u,
                  2 + 2 * static_cast<unsigned>(std::bit_width(n) - 1) + (n >> (std::bit_width(n) - 2) & 1u));
}

unsigned near(const Situation& s) {  // 10 pixels
  return static_cast<unsigned>(left(s, 3) << 7 | part(s, 1, 2, 2) << 2 | part(s, 2, 0, 1));
}

constexpr Selector<Situation> weight_sets[] = {
    {"nearest ten pixels", 1024, [](const Situation& s) { return near(s); }},
    {"left", 1024, [](const Situation& s) { return static_cast<unsigned>(left(s, 10)); }},
    {"run and change above", 2 * 16 * 32,
     [](const Situation& s) {
       return (bucket(s.run) * 32 + s.change) * 2 + static_cast<unsigned>(left(s, 1));
     }},
    {"column above", 2048,
     [](const Situation& s) {
       unsigned column = static_cast<unsigned>(left(s, 2) << 2 | part(s, 1, 0, 1));
       for (unsigned k = 2; k < 8; ++k) column = column << 1 | static_cast<unsigned>(part(s, k, 0, 0));
       return column & 2047u;
     }},
    {"contexts seen", 16, [](const Situation& s) { return s.seen; }},
    {"row above", 512, [](const Situation& s) { return static_cast<unsigned>(part(s, 1, 4, 4)); }},
    {"two rows above", 1024,
     [](const Situation& s) { return static_cast<unsigned>(part(s, 2, 2, 2) << 5 | part(s, 3, 2, 2)); }},
};

constexpr Selector<Situation> finals[] = {
    {"nearest ten pixels", 1024, [](const Situation& s) { return near(s); }},
    {"contexts seen", 16, [](const Situation& s) { return s.seen; }},
    {"change above", 64, [](const Situation& s) { return s.change * 2 + static_cast<unsigned>(left(s, 1)); }},
};

constexpr Selector<Situation> apms[] = {
    {"fourteen pixels", 16384,
     [](const Situation& s) {
       return static_cast<unsigned>(left(s, 4) << 10 | part(s, 1, 3, 2) << 4 | part(s, 2, 1, 2));
     }},
    {"hash of a wide template", 16384,
     [](const Situation& s) {
       return static_cast<unsigned>(
           hash_words(left(s, 8), part(s, 1, 5, 5), part(s, 2, 4, 4), part(s, 3, 2, 2)) & 0x3fffu);
     }},
    {"run and change above", 2 * 16 * 32,
     [](const Situation& s) {
       return (bucket(s.run) * 32 + s.change) * 2 + static_cast<unsigned>(left(s, 1));
     }},
};

DecisionModelShape shape_of(unsigned contexts) {
  DecisionModelShape shape;
  shape.contexts = std::min(contexts, BilevelModel::context_count);
  // pic, 400 x 300 by a threshold and by error diffusion, at -1: 5 21,139, 2,887 and 6,795 bytes, 2 21,067,
  // 2,853 and 6,760; at -5 18,952, 2,701 and 6,275, 18,938, 2,692 and 6,270.
  shape.first_weight_sum = 2.0f;
  shape.set_rows = rows_of<Situation>((weight_sets));
  shape.final_rows = rows_of<Situation>((finals));
  shape.apm_contexts = rows_of<Situation>((apms));
  return shape;
}

class BilevelContent : public BytewiseContent<BilevelModel> {
 public:
  using BytewiseContent::BytewiseContent;
  void set_layout(std::uint64_t layout) override { coder().set_layout(layout); }
};

}  // namespace

bool valid_bilevel_layout(std::uint64_t layout) { return layout >> 1 >= 1 && layout >> 1 <= max_bilevel_row; }

std::unique_ptr<ContentModel> make_bilevel_content(const ContentEnvironment& environment) {
  return std::make_unique<BilevelContent>(environment.table, sample_contexts(environment.parameters));
}

std::uint64_t bilevel_memory(const ModelParameters& parameters, std::size_t) {
  return BilevelModel::memory(max_bilevel_row * 8, sample_contexts(parameters));
}

std::uint64_t BilevelModel::memory(std::uint64_t width, unsigned contexts) {
  return sizeof(BilevelModel) + DecisionModel::memory(shape_of(contexts)) + ring_rows * width;
}

BilevelModel::BilevelModel(SlotTable& table, unsigned contexts)
    : model_(shape_of(contexts), table), ring_(std::size_t{ring_rows} * width_) {}

void BilevelModel::set_layout(std::uint64_t layout) {
  const auto width = static_cast<unsigned>(layout >> 1) * 8;
  if ((layout & 1u) && width == width_) return;
  width_ = width;
  row_ = 0;
  ring_.assign(std::size_t{ring_rows} * width_, 0);
  now_ = {};
  begin_row();
}

void BilevelModel::begin_row() {
  now_.x = now_.run = 0;
  now_.runs = {};
  now_.rows[0] = 0;
  for (unsigned k = 1; k < ring_rows; ++k) {
    now_.rows[k] = 0;
    for (unsigned x = 0; x <= right; ++x) now_.rows[k] = now_.rows[k] << 1 | (above(k, x) ? 1u : 0u);
  }
  find_changes();
}

// In the row above: from x on the first pixel that differs from the one before it and has the colour that
// this row has not, and the change after that (T.6's b1, b2).
void BilevelModel::find_changes() {
  const unsigned colour = static_cast<unsigned>(now_.rows[0] & 1u);
  const std::uint64_t row = now_.rows[1];
  const auto pixel = [&](unsigned j) { return static_cast<unsigned>(row >> (right - j) & 1u); };
  unsigned j = 0;
  unsigned before = static_cast<unsigned>(row >> (right + 1) & 1u);
  while (j < right && !(pixel(j) != before && pixel(j) != colour)) before = pixel(j++);
  now_.change = j;
  while (j < right && pixel(j) != colour) ++j;
  now_.next = j;
}

void BilevelModel::push(bool pixel) {
  const unsigned colour = pixel ? 1u : 0u;
  if (colour == (now_.rows[0] & 1u)) {
    now_.run = std::min(now_.run + 1, 255u);
  } else {
    now_.runs = {now_.run, now_.runs[0], now_.runs[1]};
    now_.run = 1;
  }
  ring_[std::size_t{row_} * width_ + now_.x] = static_cast<std::uint8_t>(colour);
  now_.rows[0] = now_.rows[0] << 1 | colour;
  ++now_.x;
  if (now_.x == width_) {
    row_ = (row_ + 1) % ring_rows;
    begin_row();
    return;
  }
  for (unsigned k = 1; k < ring_rows; ++k)
    now_.rows[k] = now_.rows[k] << 1 | (above(k, now_.x + right) ? 1u : 0u);
  find_changes();
}

void BilevelModel::set_contexts() {
  const Situation& s = now_;
  ContextLister list(model_.contexts(), salt);
  list.add(left(s, 4), part(s, 1, 2, 2), part(s, 2, 1, 1));
  list.add(left(s, 6), part(s, 1, 4, 4), part(s, 2, 2, 2));
  list.add(left(s, 10), part(s, 1, 6, 5), part(s, 2, 4, 4), part(s, 3, 3, 3));
  list.add(s.change, s.next, left(s, 1), s.run);
  list.add(left(s, 12), part(s, 1, 10, 8), part(s, 2, 8, 8), part(s, 3, 6, 6), part(s, 4, 4, 4),
           part(s, 5, 2, 2));
  list.add(left(s, 3), part(s, 1, 1, 1), part(s, 2, 1, 1), part(s, 3, 1, 1), part(s, 4, 0, 0),
           part(s, 5, 0, 0));
  list.add(left(s, 2), part(s, 1, 1, 1));
  list.add(left(s, 8), part(s, 1, 8, 8));
  list.add(left(s, 20), part(s, 1, 16, 12), part(s, 2, 14, 10), part(s, 3, 10, 10), part(s, 4, 8, 8),
           part(s, 5, 6, 6), part(s, 6, 6, 6), part(s, 7, 4, 4));
  list.add(left(s, 16));
  list.add(s.run, s.runs[0], s.runs[1], left(s, 1));
  list.add(left(s, 2), part(s, 1, 1, 1), part(s, 2, 1, 1), part(s, 3, 1, 1), part(s, 4, 1, 1),
           part(s, 5, 1, 1), part(s, 6, 1, 1), part(s, 7, 1, 1));
  list.add(left(s, 2), part(s, 1, 12, 12), part(s, 2, 1, 1));
  list.add(left(s, 3), part(s, 1, 2, 10), part(s, 2, 2, 10));
  list.add(left(s, 7), part(s, 1, 5, 3), part(s, 2, 4, 2), part(s, 3, 3, 1), part(s, 4, 2, 0));
  list.add(left(s, 5), part(s, 1, 3, 5), part(s, 2, 2, 5), part(s, 3, 1, 5), part(s, 4, 0, 5));
  list.add(left(s, 24), part(s, 1, 4, 4));
  list.add(left(s, 5), part(s, 1, 3, 3), part(s, 2, 3, 3), part(s, 3, 2, 2));
  list.add(left(s, 8), part(s, 1, 6, 6), part(s, 2, 5, 5), part(s, 3, 5, 5), part(s, 4, 4, 4),
           part(s, 5, 3, 3), part(s, 6, 2, 2));
  list.add(left(s, 30), part(s, 1, 24, 16));
  list.add(s.change, s.run, s.runs[0], left(s, 1));
  list.add(s.x, left(s, 1), part(s, 1, 0, 0));
  list.add(left(s, 4), part(s, 2, 4, 4), part(s, 4, 2, 2));
  list.add(left(s, 3), part(s, 1, 3, 3));
  list.add(s.change, s.next, left(s, 4), part(s, 2, 3, 5));
  list.add(left(s, 6), part(s, 1, 20, 20));
  list.add(left(s, 1), part(s, 1, 0, 0), part(s, 2, 0, 0), part(s, 3, 0, 0), part(s, 4, 0, 0),
           part(s, 5, 0, 0), part(s, 6, 0, 0), part(s, 7, 0, 0), s.run);
  assert(list.count() == context_count);
}

bool BilevelModel::code_pixel(DecisionIo& io, bool pixel) {
  SymbolWalk walk(model_);
  walk.begin([this] { set_contexts(); });
  const auto choose = [this] {
    now_.seen = std::min(15u, model_.seen() * 16 / (model_.contexts().count() + 1));
    DecisionContexts chosen;
    choose_rows<Situation>(weight_sets, now_, chosen.sets);
    choose_rows<Situation>(finals, now_, chosen.finals);
    choose_rows<Situation>(apms, now_, chosen.apms);
    return chosen;
  };
  const bool coded = walk.decide(io, pixel, Position{}, 0, choose, true);
  walk.end(coded);
  push(coded);
  return coded;
}

std::uint8_t BilevelModel::code(DecisionIo& io, std::span<const std::uint8_t> ahead) {
  const unsigned byte = ahead.empty() ? 0u : ahead[0];
  unsigned value = 0;
  for (unsigned i = 0; i < 8; ++i) value = value * 2 + code_pixel(io, (byte >> (7 - i) & 1) != 0);
  return static_cast<std::uint8_t>(value);
}

}  // namespace ssmz::codec
