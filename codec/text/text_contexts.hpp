// SPDX-License-Identifier: Apache-2.0
// The list of n-gram contexts of text.
#pragma once

#include "codec/predict/context_bank.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/text/text_state.hpp"

namespace ssmz::codec {

inline constexpr unsigned text_context_count = 67;
inline constexpr unsigned text_follower_count = 18;

/// Places of contexts that the mixer's selectors ask for: lexeme orders 1 to 6, word orders 1 to 4.
inline constexpr unsigned lexeme_order_contexts[6] = {0, 1, 2, 10, 14, 15};
inline constexpr unsigned word_order_contexts[4] = {5, 6, 12, 16};

/// Sets the first bank.count() contexts and the first
/// followers.count() followers of the coming token. FORMAT.
void set_text_contexts(const TextState& state, ContextBank& bank, FollowerBank& followers);

}  // namespace ssmz::codec
