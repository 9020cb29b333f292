// SPDX-License-Identifier: Apache-2.0
// What chooses the byte model's weight sets, final mixers and APMs: one line each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/bytes/byte_guess.hpp"
#include "codec/bytes/byte_state.hpp"
#include "codec/predict/selector.hpp"

namespace ssmz::codec {

/// Where in an instruction of machine code the coming byte stands.
struct CodePlace {
  unsigned part = 0;         ///< Which part of the instruction it is, below code_parts.
  unsigned since = 0;        ///< How far the last procedure's beginning or end is, 0..15.
  unsigned operand = 0;      ///< What is known of its operand, 0..15.
  std::uint64_t so_far = 0;  ///< Of the instruction: a hash.
};
inline constexpr unsigned code_parts = 16;
/// Nothing where the data are no machine code.
[[nodiscard]] std::optional<CodePlace> code_place(const ByteState& state);

/// What is known at one decision about a byte.
struct ByteSituation {
  const ByteState& state;
  unsigned value = 1;           ///< Bits of the byte so far below a 1, 1..255.
  unsigned depth = 0;           ///< How many they are, 0..7.
  unsigned seen = 0;            ///< Share of the contexts that have seen this decision, 0..15.
  unsigned match = 0;           ///< Bucket of the longest match, 0..15.
  unsigned expectation = 0;     ///< Bit that a match expects, plus 1; 0: none.
  unsigned expected = 0;        ///< Byte that the shortest match expects, plus 2; 0 or 1: none.
  unsigned record = 0;          ///< Length of the records, 0: none.
  unsigned column = 0;          ///< Place in the record, or in four bytes.
  unsigned place = 0;           ///< byte_place_row().
  CodePlace code = {};          ///< For the selectors of machine code.
  std::uint32_t follower2 = 0;  ///< Byte that followed the last two the last time, or more than 255.
  std::uint32_t follower3 = 0;  ///< Likewise the last three.
};

/// Places in what the data are made of: a record of type and length, an instruction, a line of typeset
/// text, a float.
inline constexpr unsigned byte_places = 1024;
/// The place of the coming byte, below byte_places; nothing where the data are made of none of these.
[[nodiscard]] std::optional<unsigned> byte_place(const ByteState& state);
/// Rows of ByteSituation::place: the byte so far, or each decision at each place.
inline constexpr unsigned byte_place_rows = 256 + byte_places * 8;
[[nodiscard]] constexpr unsigned byte_place_row(std::optional<unsigned> place, unsigned value,
                                                unsigned depth) {
  return place ? 256 + *place * 8 + depth : value;
}

/// What is known where it is asked whether a byte is the guess.
struct QuestionSituation {
  const ByteState& state;
  unsigned guess = 0;  ///< The byte.
  unsigned sure = 0;   ///< How sure it is, 0..7.
  unsigned votes = 0;  ///< ByteGuess::votes().
  unsigned seen = 0;   ///< As ByteSituation's.
  unsigned match = 0;  ///< Likewise.
};

/// Weight sets and final mixers that do not read ByteSituation::place: the first.
inline constexpr unsigned byte_plain_sets = 6, byte_plain_finals = 3;

/// Of bytes, or of drawings, where ByteState::drawn() is not null.
struct ByteSelectors {
  std::span<const Selector<ByteSituation>> sets, finals, apms;
};
[[nodiscard]] ByteSelectors byte_selectors(bool drawing) noexcept;
/// Those that stand in for byte_selectors(false) where there is a code_place(): as many, with no more rows.
[[nodiscard]] ByteSelectors code_selectors() noexcept;
/// The same of questions: a set, final mixer or APM behind the last takes the first of them again, and so on.
[[nodiscard]] std::span<const Selector<QuestionSituation>> question_weight_sets() noexcept;
[[nodiscard]] std::span<const Selector<QuestionSituation>> question_finals() noexcept;
[[nodiscard]] std::span<const Selector<QuestionSituation>> question_apms() noexcept;

}  // namespace ssmz::codec
