// SPDX-License-Identifier: Apache-2.0
// The kind of block for JPEG: the segments in front of a scan, its coefficients, and what is behind it.
#pragma once

#include <cstdint>
#include <memory>

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// FORMAT. Layout of a block: whether it goes on with the scan of the last one of its kind.
inline constexpr std::uint64_t jpeg_goes_on = 1;
[[nodiscard]] inline bool valid_jpeg_layout(std::uint64_t layout) { return layout <= jpeg_goes_on; }

[[nodiscard]] std::unique_ptr<ContentModel> make_jpeg_content(const ContentEnvironment& environment);
/// Bytes that the model takes beside the slot table.
[[nodiscard]] std::uint64_t jpeg_memory(const ModelParameters& parameters, std::size_t lexemes);

}  // namespace ssmz::codec
