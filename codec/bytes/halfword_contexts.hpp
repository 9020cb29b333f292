// SPDX-License-Identifier: Apache-2.0
// The contexts of RISC-V and Thumb-2 code.
#pragma once

#include "codec/bytes/byte_state.hpp"
#include "codec/predict/context_lister.hpp"
#include "codec/predict/match_model.hpp"

namespace ssmz::codec {

/// Adds whole_code_contexts (machine_code_contexts.hpp), orders among them, in the order in which levels take
/// them. FORMAT.
void list_halfword_code(const ByteState& state, const ExpectedSymbol& match, ContextLister& list);

}  // namespace ssmz::codec
