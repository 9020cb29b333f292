// SPDX-License-Identifier: Apache-2.0
// A symbol that a model expects next, and the decisions it would take.
#pragma once

#include <cstdint>

namespace ssmz::codec {

/// Which part of a symbol a decision belongs to; `whole`: to none, it is about one symbol or many of them: do
/// those come that are expected?
enum class Stage : std::uint8_t { space, newline, word, lower, capital, path, letter, whole };
inline constexpr unsigned stage_count = 8;

/// The trees: what SymbolPath::word says of a symbol.
inline constexpr std::uint8_t other_tree = 0, word_tree = 1, letter_tree = 2;

/// A symbol's decisions: attributes and the path bits in its tree (first decision in bit 0). A letter of a
/// spelled word has no attributes to decide.
struct SymbolPath {
  std::uint64_t bits = 0;
  std::uint8_t depth = 0;
  std::uint8_t separator = 0;
  std::uint8_t word = 0;  ///< Which tree: other_tree, word_tree or letter_tree.
  std::uint8_t letter_case = 0;
};

/// Where in the current symbol the coder stands: the attributes decided so far are in `taken`.
struct Position {
  Stage stage = Stage::path;
  /// Decisions taken; taken.depth path bits are valid. Of a whole symbol: all decisions of the one it may be.
  SymbolPath taken;
};

/// The bit that `path` takes at `at`, or -1 if it has left the way already. A wrong attribute does not end a
/// candidate: its lexeme may still be right (the line was broken elsewhere, the word capitalised).
[[nodiscard]] inline int expected_bit(const SymbolPath& path, const Position& at) noexcept {
  if ((path.word == letter_tree) != (at.stage == Stage::letter)) return -1;
  switch (at.stage) {
    case Stage::space: return path.separator == 1;
    case Stage::newline: return path.separator == 2;
    case Stage::word: return path.word;
    case Stage::lower: return path.word == at.taken.word ? path.letter_case == 0 : -1;
    case Stage::capital: return path.word == at.taken.word ? path.letter_case == 1 : -1;
    case Stage::path:
    case Stage::letter: break;
    case Stage::whole: return path.bits == at.taken.bits && path.depth == at.taken.depth;
  }
  const unsigned depth = at.taken.depth;
  if (path.word != at.taken.word || depth >= path.depth) return -1;
  if ((path.bits ^ at.taken.bits) & ((std::uint64_t{1} << depth) - 1)) return -1;
  return static_cast<int>(path.bits >> depth & 1u);
}

}  // namespace ssmz::codec
