// SPDX-License-Identifier: Apache-2.0
// What a segment would cost about as bytes.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// The bytes are guessed by what followed the last 5, or 3, and by the line above; where that fails they cost
/// their entropy of order 0. From -4 on order 0 of all bytes counts as well. Linear.
[[nodiscard]] Estimate make_byte_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level);

}  // namespace ssmz::codec
