// SPDX-License-Identifier: Apache-2.0
// The kind of block for text: factored tokens of the vocabulary.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// Text has nearly no byte that does not look like it; other data has many that do: they weigh less.
[[nodiscard]] int favour_text(std::uint8_t byte) noexcept;
[[nodiscard]] std::unique_ptr<ContentModel> make_text_content(const ContentEnvironment& environment);

}  // namespace ssmz::codec
