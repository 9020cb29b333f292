// SPDX-License-Identifier: Apache-2.0
// Naming the likely byte.
#include "codec/bytes/byte_guess.hpp"

#include "codec/base/hash.hpp"
#include "codec/predict/logistic.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned limit = 255;  // of the maps' counts
constexpr std::array<unsigned, ByteGuess::orders> lengths = {3, 4, 6};

}  // namespace

ByteGuess::ByteGuess(unsigned slots_log2)
    : slots_log2_(slots_log2),
      slots_(std::size_t{orders} << slots_log2),
      right_(places, limit),
      guess_right_(places * 2, limit) {}

void ByteGuess::consider(unsigned source, unsigned byte, unsigned standing) noexcept {
  const std::size_t place = (std::size_t{source} * standings + standing) * 16 + (history_[source] & 15u);
  opinions_[source] = {true, static_cast<std::uint8_t>(byte), place};
  const unsigned probability = right_.probability(place);
  if (probability <= probability_) return;
  probability_ = probability;
  byte_ = byte;
}

void ByteGuess::look_up(const ByteState& state) noexcept {
  std::array<std::uint64_t, orders> behind;
  if (const DrawnPixels* const drawn = state.drawn())
    behind = drawn->surroundings();
  else
    std::ranges::transform(lengths, behind.begin(), [&](unsigned length) { return state.last(length); });
  for (unsigned k = 0; k < orders; ++k) {
    const std::uint64_t hash = hash_mix(behind[k], k);
    at_[k] = (std::size_t{k} << slots_log2_) + static_cast<std::size_t>(hash >> (64 - slots_log2_));
    checks_[k] = static_cast<std::uint16_t>(hash >> 8);
    __builtin_prefetch(&slots_[at_[k]], 1);
  }
}

void ByteGuess::guess(const ExpectedSymbol& match, unsigned bucket) noexcept {
  byte_ = none;
  probability_ = votes_ = 0;
  opinions_.fill({});
  if (match.id < none) consider(0, match.id, std::min(bucket, standings - 1));
  for (unsigned k = 0; k < orders; ++k) {
    const Slot& slot = slots_[at_[k]];
    if (slot.run > 0 && slot.check == checks_[k])
      consider(k + 1, slot.byte, std::min<unsigned>(slot.run, standings - 1));
  }
  for (const Opinion& opinion : opinions_)
    votes_ = votes_ * 3 + (opinion.is ? 1u + (opinion.byte == byte_) : 0u);
}

void ByteGuess::weigh(float* inputs) const noexcept {
  for (unsigned k = 0; k < orders; ++k)
    inputs[k] = opinions_[k + 1].is
                    ? stretch_table()[guess_right_.probability(place_for_guess(k + 1)) >> (16 - stretch_bits)]
                    : 0.0f;
}

void ByteGuess::learn(std::uint8_t byte, bool asked) noexcept {
  for (unsigned source = 0; source < sources; ++source) {
    const Opinion& opinion = opinions_[source];
    if (!opinion.is) continue;
    if (asked && source > 0) guess_right_.update(place_for_guess(source), byte == byte_);
    const bool right = opinion.byte == byte;
    right_.update(opinion.place, right);
    history_[source] = history_[source] * 2 + right;
  }
  for (unsigned k = 0; k < orders; ++k) {
    Slot& slot = slots_[at_[k]];
    if (slot.run > 0 && slot.check == checks_[k] && slot.byte == byte)
      slot.run = static_cast<std::uint8_t>(slot.run + (slot.run < 255));
    else
      slot = {checks_[k], byte, 1};
  }
}

}  // namespace ssmz::codec
