// SPDX-License-Identifier: Apache-2.0
// The list of n-gram contexts of bytes.
#pragma once

#include "codec/bytes/byte_state.hpp"
#include "codec/predict/context_bank.hpp"
#include "codec/predict/follower_bank.hpp"
#include "codec/predict/match_model.hpp"

namespace ssmz::codec {

inline constexpr unsigned byte_context_count = 92;
inline constexpr unsigned byte_follower_count = 17;
/// Of these the first that read nothing of ByteState::chain() and typeset().
inline constexpr unsigned byte_plain_contexts = 10;
inline constexpr unsigned byte_plain_followers = 9;

/// Sets the first bank.count() contexts and the followers of
/// the coming byte; `match`: what the match model expects. FORMAT.
void set_byte_contexts(const ByteState& state, const ExpectedSymbol& match, ContextBank& bank,
                       FollowerBank& followers);

}  // namespace ssmz::codec
