// SPDX-License-Identifier: Apache-2.0
// Finds sound by the headers of its files: WAV, AIFF, AU, soundfonts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// The sound whose header `in` begins with: samples of any SampleForm, one to eight channels. Reads only
/// `in`. Not FORMAT.
[[nodiscard]] std::optional<FoundRegion> find_sound(std::span<const std::uint8_t> in);
/// What headers begin with.
inline constexpr std::array<const char*, 4> sound_beginnings = {"RI", "RF", "FO", ".s"};

/// Whether `data`, of which a header says that they are such sound, can be coded as it to less than they are;
/// looks at the first 64 KiB.
[[nodiscard]] bool compressible_as_sound(std::uint64_t layout, std::span<const std::uint8_t> data);

}  // namespace ssmz::codec
