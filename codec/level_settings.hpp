// SPDX-License-Identifier: Apache-2.0
// What one level switches on (internal; the grid is in presets.cpp). FORMAT: a change of a value changes the stream.
#pragma once

#include <cstdint>

namespace ssmz::codec {

struct LevelSettings {
  unsigned text_contexts;   ///< n-gram contexts of the text model, in the order of text_contexts.cpp.
  unsigned byte_contexts;   ///< Likewise of the byte model.
  unsigned table_log2;      ///< Greatest log2 of the slot table's bytes.
  std::uint64_t frame_mib;  ///< Input a frame when the input is split.
};

[[nodiscard]] const LevelSettings& settings_for(int level) noexcept;

}  // namespace ssmz::codec
