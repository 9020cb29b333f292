// SPDX-License-Identifier: Apache-2.0
// The levels: one column of model parameters each.
#pragma once

#include <cstdint>
#include <optional>

namespace ssmz::codec {

inline constexpr int min_level = 1;
inline constexpr int max_level = 9;
inline constexpr int default_level = 5;

/// All that a decoder must know to rebuild the model; stored in each frame header.
struct ModelParameters {
  std::uint8_t level = default_level;  ///< 1..9: contexts, mixer sets, SSM stack, replay.
  std::uint8_t table_log2 = 24;        ///< log2 of the bytes of the n-gram hash table, 16..34.
  friend bool operator==(const ModelParameters&, const ModelParameters&) = default;
};

/// Parameters of a level for an input of `size` bytes (nullopt: unknown, the level's largest tables), shrunk
/// until memory_needed() is at most `memory_limit` bytes (0: the level's default limit). nullopt if even the
/// smallest does not fit or the level is out of range.
[[nodiscard]] std::optional<ModelParameters> parameters_for(int level, std::optional<std::uint64_t> size,
                                                            std::uint64_t memory_limit);

/// Bytes a coder with these parameters allocates, either direction (the vocabulary's tables included).
[[nodiscard]] std::uint64_t memory_needed(const ModelParameters& parameters);

/// True if every field is in its range (checked on a header before anything is allocated).
[[nodiscard]] bool valid(const ModelParameters& parameters);

/// Bytes of input per frame at a level when the input is split (FORMAT-neutral: never depends on threads).
[[nodiscard]] std::uint64_t default_frame_size(int level);

}  // namespace ssmz::codec
