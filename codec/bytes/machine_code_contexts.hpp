// SPDX-License-Identifier: Apache-2.0
// The contexts of machine code, 14 for each processor.
#pragma once

#include "codec/bytes/byte_state.hpp"
#include "codec/predict/context_lister.hpp"

namespace ssmz::codec {

/// Each adds machine_code_contexts of the coming byte to the list, where the code in question is active().
/// FORMAT.
inline constexpr unsigned machine_code_contexts = 14;
void list_x86_code(const ByteState& state, ContextLister& list);
void list_m68k_code(const M68kCode& code, ContextLister& list);
void list_a64_code(const A64Code& code, ContextLister& list);
void list_vax_code(const VaxCode& code, ContextLister& list);

}  // namespace ssmz::codec
