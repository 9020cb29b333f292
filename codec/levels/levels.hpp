// SPDX-License-Identifier: Apache-2.0
// The levels: one column of model parameters each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssmz::codec {

inline constexpr int min_level = 1;
inline constexpr int max_level = 9;
inline constexpr int default_level = 5;

/// An SSM other than the level's own.
struct SsmChoice {
  std::string stack;         ///< Layers as model::Stack reads them, 1..max_stack_text bytes.
  std::uint64_t width = 0;   ///< d_model, a multiple of 16 in 16..1024.
  std::uint64_t replay = 0;  ///< Earlier chunks trained again after each chunk, at most most_replay.
  friend bool operator==(const SsmChoice&, const SsmChoice&) = default;
};

/// FORMAT. Most bytes of a stack's text, most replays.
inline constexpr std::size_t max_stack_text = 255;
inline constexpr std::uint64_t most_replay = 16;

/// Width of a stack that is given without one.
inline constexpr std::uint64_t usual_ssm_width = 64;

/// True if an SSM may be so wide.
[[nodiscard]] constexpr bool valid_ssm_width(std::uint64_t width) noexcept {
  return width >= 16 && width <= 1024 && width % 16 == 0;
}

/// True if every field is in its range; the text's layers are not looked at (buildable() does).
[[nodiscard]] bool valid(const SsmChoice& ssm);

/// What is wrong with the wish for these layers (empty: the level's) at this width (0: usual_ssm_width,
/// or without layers the level's); empty if nothing is.
[[nodiscard]] std::string ssm_problem(int level, std::string_view stack, std::uint64_t width);

/// A line for each kind of layer: its name, what it is, and its options.
[[nodiscard]] std::string ssm_layers();

/// A wish without a problem as the frame's header names it: equal stacks are equal texts, and nullopt is the
/// level's own.
[[nodiscard]] std::optional<SsmChoice> ssm_choice(int level, std::string_view stack, std::uint64_t width);

/// FORMAT. The least table_log2 of ModelParameters; the greatest is below this + 16.
inline constexpr unsigned least_table_log2 = 18;

/// All that a decoder must know to rebuild the model; stored in each frame header.
struct ModelParameters {
  std::uint8_t level = default_level;  ///< 1..9: contexts, mixer sets, SSM stack, replay.
  std::uint8_t table_log2 = 24;        ///< log2 of the bytes of the n-gram hash table.
  std::optional<SsmChoice> ssm = {};   ///< Instead of the level's own.
  friend bool operator==(const ModelParameters&, const ModelParameters&) = default;
};

/// Parameters of a level for an input of `size` bytes (nullopt: unknown, the level's largest tables), shrunk
/// until memory_needed() is at most `memory_limit` bytes (0: as a decoder allows if nothing else is said).
/// nullopt if even the smallest does not fit or the level is out of range. `ssm`: from ssm_choice().
[[nodiscard]] std::optional<ModelParameters> parameters_for(int level, std::optional<std::uint64_t> size,
                                                            std::uint64_t memory_limit,
                                                            const std::optional<SsmChoice>& ssm = {});

/// Lexemes that are reckoned with where the vocabulary is not known: those of the built-in one.
inline constexpr std::size_t usual_lexemes = 88'000;

/// Bytes a coder with these parameters allocates, either direction (the vocabulary's tables included), with a
/// vocabulary of so many lexemes.
[[nodiscard]] std::uint64_t memory_needed(const ModelParameters& parameters,
                                          std::size_t lexemes = usual_lexemes);

/// True if the layers of an SSM that is not the level's own parse; they are checked when a model is made, not
/// with each header.
[[nodiscard]] bool buildable(const ModelParameters& parameters);

/// Most that memory_needed() gives for what any level's own parameters ask: decoders allow so much if nothing
/// else is said.
[[nodiscard]] std::uint64_t greatest_memory_needed();

/// True if every field is in its range (checked on a header before anything is allocated) and no greater than
/// an encoder would choose for content of `size` bytes (nullopt: unknown).
[[nodiscard]] bool valid(const ModelParameters& parameters, std::optional<std::uint64_t> size = {});

/// True if the tables are less than the level's greatest, as for an input whose size is known.
[[nodiscard]] bool of_known_size(const ModelParameters& parameters);

/// FORMAT. Bytes that a copy (BlockKind::copy) reaches back at most: all of an input that the tables are
/// sized for, as far as the level goes.
[[nodiscard]] std::uint64_t copy_reach(const ModelParameters& parameters);

/// Bytes of input per frame at a level when the input is split (FORMAT-neutral: never depends on threads).
[[nodiscard]] std::uint64_t default_frame_size(int level);

}  // namespace ssmz::codec
