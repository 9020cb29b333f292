// SPDX-License-Identifier: Apache-2.0
// Streams that are pictures in PDF files with PNG's filters: what pixels they hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/transform/transform_finder.hpp"

namespace ssmz::codec {

/// Gives the parts that are a deflate stream behind a PDF's dictionary which says so (ISO 32000-1, 7.4.4.4: a
/// predictor of 10 to 15) the form of their rows. Looks at a kibibyte in front of each part. Not FORMAT.
void set_pdf_pixels(std::span<const std::uint8_t> content, std::vector<WrittenPart>& parts);

}  // namespace ssmz::codec
