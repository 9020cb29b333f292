// SPDX-License-Identifier: Apache-2.0
// Finds the samples of pictures and volumes by the headers of science and medicine: FITS, NIfTI-1, DICOM.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// The samples, of 8 or 16 bits, whose header `in` begins with: of a FITS file or one of its extensions (FITS
/// standard 4.0, section 4), of a NIfTI-1 file of low byte first, or of a DICOM file (PS3.5, section 7; `in`
/// begins with its prefix DICM) whose samples are not encapsulated. Slices and frames are one picture, one
/// below the other. Reads only `in`. Not FORMAT.
[[nodiscard]] std::optional<FoundRegion> find_volume(std::span<const std::uint8_t> in);

}  // namespace ssmz::codec
