// SPDX-License-Identifier: Apache-2.0
// The list of n-gram contexts of drawings.
#pragma once

#include "codec/bytes/drawn_pixels.hpp"
#include "codec/predict/context_bank.hpp"
#include "codec/predict/match_model.hpp"

namespace ssmz::codec {

inline constexpr unsigned drawing_context_count = 32;

/// As set_byte_contexts(). FORMAT.
void set_drawing_contexts(const DrawnPixels& pixels, const ExpectedSymbol& match, ContextBank& bank);

}  // namespace ssmz::codec
