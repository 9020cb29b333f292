// SPDX-License-Identifier: Apache-2.0
// The kind of block for data of any sort: bytes, bit by bit.
#pragma once

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// The bytes' own entropy of order 0. What repeats its predecessor costs a bit.
[[nodiscard]] Estimate make_byte_estimate(const std::shared_ptr<const Vocabulary>& vocabulary, int level);
[[nodiscard]] std::unique_ptr<ContentModel> make_drawing_content(const ContentEnvironment& environment);
[[nodiscard]] std::unique_ptr<ContentModel> make_byte_content(const ContentEnvironment& environment);

/// For an estimate: sixteenths of a bit for what is the same as before it. Alike for all kinds: padding (of
/// tar members, say) must not decide.
inline constexpr std::uint64_t repeat_cost = 16;

}  // namespace ssmz::codec
