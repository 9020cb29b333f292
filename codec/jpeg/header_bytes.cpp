// SPDX-License-Identifier: Apache-2.0
// A byte's two halves, each a tree of 15 decisions in three groups of slots.
#include "codec/jpeg/header_bytes.hpp"

#include <array>
#include <string_view>

#include "codec/jpeg/usual_codes.hpp"
#include "codec/predict/symbol_walk.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned contexts = 5, kinds = 8, groups_log2 = 13;

DecisionModelShape shape() {
  DecisionModelShape shape;
  shape.extra_inputs = contexts * SlotGroups::inputs_per_context;
  shape.history_log2 = 8;
  shape.first_weight_sum = 2.0f;  // 41 pictures of 1 to 21 kB at -5: 237,239 bytes; 5 237,391, 8 237,911
  shape.set_rows = {kinds, 256};
  return shape;
}

// Learns, and writes nothing.
struct NoIo final : DecisionIo {
  unsigned code(bool bit, std::uint32_t, const Position&) override { return bit; }
};

}  // namespace

HeaderBytes::HeaderBytes(SlotTable& table) : groups_(contexts, kinds, groups_log2), model_(shape(), table) {
  learn_usual_codes();
}

std::uint64_t HeaderBytes::memory() {
  return SlotGroups::memory(contexts, kinds, groups_log2) + DecisionModel::memory(shape());
}

void HeaderBytes::learn_usual_codes() {
  NoIo io;
  for (int time = 0; time < 2; ++time) {
    for (const std::uint8_t byte : usual_jpeg_codes) code(io, byte);
    forget();
  }
}

std::uint8_t HeaderBytes::code(DecisionIo& io, std::uint8_t byte) {
  constexpr std::array<std::uint32_t, contexts> seen = {0, 0xff, 0xffff, 0xffffff, 0xffffffff};
  SymbolWalk(model_).begin([] {});
  unsigned value = 1;
  for (unsigned bit = 0; bit < 8; ++bit) {
    // Groups begin behind no, three and six bits.
    if (bit % 3 == 0) {
      groups_.begin();
      for (unsigned i = 0; i < contexts; ++i)
        groups_.add(hash_words(i + 1, last_ & seen[i], std::uint64_t{value}));
    }
    const unsigned in_group = bit % 3;
    const unsigned node = (1u << in_group) - 1 + (value & ((1u << in_group) - 1));
    groups_.predict(node, bit, model_.extra());
    const auto choose = [&] {
      DecisionContexts chosen;
      chosen.sets[0] = bit;
      chosen.sets[1] = value;
      return chosen;
    };
    const unsigned coded = model_.decide(io, byte >> (7 - bit) & 1, Position{}, 0, choose,
                                         [](unsigned) { return NextDecision{}; });
    groups_.update(coded);
    value = value * 2 + coded;
  }
  SymbolWalk(model_).end(value & 255);
  last_ = last_ << 8 | (value & 255);
  return static_cast<std::uint8_t>(value);
}

}  // namespace ssmz::codec
