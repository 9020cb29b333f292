// SPDX-License-Identifier: Apache-2.0
// Which byte is likely to come, and how likely: what followed the last bytes before, and what a match
// expects.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/bytes/byte_state.hpp"
#include "codec/predict/adaptive_map.hpp"
#include "codec/predict/match_model.hpp"
#include "model/base/zeroed_array.hpp"

namespace ssmz::codec {

/// Not thread-safe. Of each byte: look_up(), guess(), then learn(). Each of a few sources names a byte: the
/// shortest match model, and what came last behind the last 3, 4 and 6 bytes. How often a source has been
/// right where it stood as it does now (length of the match or times in a row, right or wrong the last four
/// times) is learned, and the surest is followed. Cost: some 350 instructions a byte. FORMAT.
class ByteGuess {
 public:
  static constexpr unsigned orders = 3;  ///< Sources but the match.
  static constexpr unsigned sources = orders + 1;
  static constexpr unsigned standings = 16;  ///< Of a source: how long it has been right.
  static constexpr unsigned votes_count = 81;
  static constexpr unsigned none = 256;

  /// `slots_log2`: log2 of the slots of each order; below 2^32.
  explicit ByteGuess(unsigned slots_log2);
  /// Bytes that one takes beside itself.
  [[nodiscard]] static constexpr std::uint64_t memory(unsigned slots_log2) noexcept {
    return (std::uint64_t{orders * sizeof(Slot)} << slots_log2) + 3 * AdaptiveMap::memory(places);
  }

  /// Finds the slots of the byte that comes behind what `state` has seen, and fetches them: something else
  /// may be done before guess() reads them.
  void look_up(const ByteState& state) noexcept;
  /// `bucket`: of the match (MatchModel::bucket()).
  void guess(const ExpectedSymbol& match, unsigned bucket) noexcept;
  /// The byte that came; `asked`: whether it was asked whether it is the guess.
  void learn(std::uint8_t byte, bool asked) noexcept;

  /// The byte, or none.
  [[nodiscard]] unsigned byte() const noexcept { return byte_; }
  /// Probability that it comes, 16 bit; 0 if there is none.
  [[nodiscard]] unsigned probability() const noexcept { return probability_; }
  /// Which sources are of this opinion and which of another: below votes_count.
  [[nodiscard]] unsigned votes() const noexcept { return votes_; }
  /// What each order's opinion says of the guess, for the mixer: fills `orders` inputs. There must be a
  /// guess.
  void weigh(float* inputs) const noexcept;

 private:
  static constexpr std::size_t places = std::size_t{sources} * standings * 16;
  struct Slot {
    std::uint16_t check;
    std::uint8_t byte;
    std::uint8_t run;  // times in a row that it came, at most 255; 0: the slot is empty
  };
  /// What a source says of the coming byte.
  struct Opinion {
    bool is = false;
    std::uint8_t byte = 0;
    std::size_t place = 0;  // in right_
  };

  [[nodiscard]] std::size_t place_for_guess(unsigned source) const noexcept {
    return opinions_[source].place * 2 + (opinions_[source].byte == byte_);
  }
  void consider(unsigned source, unsigned byte, unsigned standing) noexcept;

  unsigned slots_log2_;
  model::Zeroed<Slot> slots_;  // [order][hash]
  AdaptiveMap right_;          // [source][standing][last four times]: was it right
  AdaptiveMap guess_right_;    // [the same][it names the guess]: was the guess right
  std::array<std::size_t, orders> at_{};
  std::array<std::uint16_t, orders> checks_{};
  std::array<Opinion, sources> opinions_{};
  std::array<unsigned, sources> history_{};  // right or not, newest in bit 0
  unsigned byte_ = none;
  unsigned probability_ = 0;
  unsigned votes_ = 0;
};

}  // namespace ssmz::codec
