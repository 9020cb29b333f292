// SPDX-License-Identifier: Apache-2.0
// The contexts of machine code.
#pragma once

#include "codec/bytes/byte_state.hpp"
#include "codec/predict/context_lister.hpp"
#include "codec/predict/match_model.hpp"

namespace ssmz::codec {

/// Each adds contexts of the coming byte to the list, where the code in question is active(). FORMAT.
/// Whole lists: whole_code_contexts, orders among them, in the order in which levels take them.
inline constexpr unsigned whole_code_contexts = 63;
void list_x86_code(const ByteState& state, const ExpectedSymbol& match, ContextLister& list);
void list_word_code(const ByteState& state, const ExpectedSymbol& match, ContextLister& list);
void list_m68k_code(const ByteState& state, const ExpectedSymbol& match, ContextLister& list);
/// Behind the plain ones.
void list_vax_code(const VaxCode& code, ContextLister& list);

}  // namespace ssmz::codec
