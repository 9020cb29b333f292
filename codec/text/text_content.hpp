// SPDX-License-Identifier: Apache-2.0
// The kind of block for text: factored tokens of the vocabulary.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// Text has nearly no byte that does not look like it; other data has many that do: they weigh less.
[[nodiscard]] int favour_text(std::uint8_t byte) noexcept;
/// The tokens by their unigram weights. What repeats its predecessor costs a bit.
[[nodiscard]] Estimate make_text_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level);
[[nodiscard]] std::unique_ptr<ContentModel> make_text_content(const ContentEnvironment& environment);

}  // namespace ssmz::codec
