// SPDX-License-Identifier: Apache-2.0
// What a segment would cost about as text.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// The tokens are guessed by what followed the last three, two or one; where that fails they cost their
/// share of those before, or their unigram weight. From -4 on the unigram weights of all tokens count as
/// well. Linear.
[[nodiscard]] Estimate make_text_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level);

}  // namespace ssmz::codec
