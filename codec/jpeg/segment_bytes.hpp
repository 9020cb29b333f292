// SPDX-License-Identifier: Apache-2.0
// The bytes of JPEG that are no coefficients, there and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/jpeg/header_bytes.hpp"
#include "codec/predict/decision_io.hpp"
#include "ssmz/status.hpp"

namespace ssmz::codec {

void encode_jpeg_bytes(DecisionIo& io, HeaderBytes& model, std::span<const std::uint8_t> bytes);
/// Appends bytes until there are `end`. Errors: data_damaged.
[[nodiscard]] Status decode_jpeg_bytes(DecisionIo& io, HeaderBytes& model, std::size_t end,
                                       std::vector<std::uint8_t>& out);
/// Appends segments up to an SOS; damaged if there would be more than `end` bytes, or too many of them.
[[nodiscard]] Status decode_jpeg_segments(DecisionIo& io, HeaderBytes& model, std::size_t end,
                                          std::vector<std::uint8_t>& out);

}  // namespace ssmz::codec
