// SPDX-License-Identifier: Apache-2.0
// Codes a picture of several scans: the segments of all, then its coefficients, each of them once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/block/block_kind.hpp"
#include "codec/jpeg/coefficient_model.hpp"
#include "codec/jpeg/header_bytes.hpp"
#include "codec/jpeg/jpeg_script.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

/// Codes the picture that `raw` begins with, but not the segments of its first scan. Errors: cancelled.
[[nodiscard]] Status encode_picture_scans(DecisionIo& io, std::span<const std::uint8_t> raw,
                                          const JpegPicture& picture, HeaderBytes& bytes,
                                          CoefficientModel& model, const Progress& progress);

/// `raw` ends with the segments of the first scan, which `script` has. Appends the rest of the picture, up to
/// `end` bytes; it and the segments have at most `most`. Errors: data_damaged, cancelled.
[[nodiscard]] Status decode_picture_scans(DecisionIo& io, JpegScript& script, std::size_t most,
                                          std::size_t end, HeaderBytes& bytes, CoefficientModel& model,
                                          std::vector<std::uint8_t>& raw, const Progress& progress);

}  // namespace ssmz::codec
