// SPDX-License-Identifier: Apache-2.0
// The kind of block for data of any sort: bytes, bit by bit.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

[[nodiscard]] std::unique_ptr<ContentModel> make_drawing_content(const ContentEnvironment& environment);
[[nodiscard]] std::unique_ptr<ContentModel> make_byte_content(const ContentEnvironment& environment);

}  // namespace ssmz::codec
