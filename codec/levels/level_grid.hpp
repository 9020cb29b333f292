// SPDX-License-Identifier: Apache-2.0
// What one level switches on (internal; the grid is in
// levels.cpp). FORMAT: a change of a value changes the stream.
#pragma once

#include <cstdint>

namespace ssmz::codec {

struct LevelSettings {
  unsigned text_contexts;   ///< n-gram contexts of the text model, in the order of text_contexts.cpp.
  unsigned followers;       ///< Contexts with followers.
  unsigned matches;         ///< Match models of the text model.
  unsigned text_sets;       ///< Mixer weight sets of the text model.
  unsigned text_finals;     ///< Final mixers of the text model.
  unsigned text_apms;       ///< Its APMs.
  bool text_chains;         ///< Whether it has chains of contexts.
  unsigned preconditioner;  ///< Rank of the preconditioners of both models' mixers; 0: none.
  float mixer_rate;         ///< First learning rate of both models' first layers.
  float text_least_error;   ///< Of the text model's, below which they do not learn (MixerRate).
  float byte_least_error;   ///< Of the byte model's.
  unsigned byte_contexts;   ///< n-gram contexts of the byte model.
  unsigned byte_followers;  ///< Its contexts with followers.
  unsigned byte_matches;    ///< Its match models.
  unsigned byte_sets;       ///< Its mixer weight sets.
  unsigned byte_finals;     ///< Its final mixers.
  unsigned byte_apms;       ///< Its APMs.
  float byte_usual_square;  ///< Of its mixer's steps (MixerRate).
  unsigned byte_tree;       ///< Its tree by frequencies (ByteModelOptions::tree_tenths).
  unsigned byte_ask;        ///< Its questions: hundredths that a guess must be likelier than; 0: none.
  unsigned byte_ssm_width;  ///< d_model of its SSM; 0: none.
  unsigned input_log2;     ///< Slot table's bytes for each byte of input, log2, rounded up from half of them.
  unsigned large_log2;     ///< The same where that table would be larger than large_table_log2 says.
  unsigned table_log2;     ///< Greatest table_log2 of ModelParameters.
  unsigned table_eighths;  ///< The slot table has 2^table_log2 times this / 8 bytes.
  const char* ssm_stack;   ///< Layers of the SSM, "" for none.
  unsigned ssm_width;      ///< d_model.
  unsigned ssm_replay;     ///< Earlier chunks trained again after each chunk.
  unsigned reach_log2;     ///< Bytes that copies reach back at most, log2.
  std::uint64_t frame_mib;  ///< Input a frame when the input is split.
};

/// Where LevelSettings::large_log2 takes the place of input_log2: 128 MB.
inline constexpr unsigned large_table_log2 = 27;

[[nodiscard]] const LevelSettings& settings_for(int level) noexcept;

}  // namespace ssmz::codec
