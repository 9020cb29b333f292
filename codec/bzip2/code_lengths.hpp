// SPDX-License-Identifier: Apache-2.0
// Huffman's code lengths as libbz2 finds them.
#pragma once

#include <cstdint>
#include <span>

#include "codec/bzip2/bzip2_format.hpp"

namespace ssmz::codec::bzip2 {

/// Lengths of codes for symbols of these frequencies, none over longest_written. FORMAT: which of equal
/// nodes are joined first is told by a heap.
void find_code_lengths(std::span<const std::uint32_t> frequencies, Lengths& lengths);

}  // namespace ssmz::codec::bzip2
