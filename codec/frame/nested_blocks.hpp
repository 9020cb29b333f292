// SPDX-License-Identifier: Apache-2.0
// Blocks within a block: what a transform's plain bytes are made of.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codec/block/block_coder.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/plan.hpp"

namespace ssmz::codec {

/// Appends the data of a block that is coded, of any kind. Errors: BlockCoder's.
Status encode_block(BlockCoder& coder, const PlannedBlock& block, std::span<const std::uint8_t> raw,
                    std::vector<std::uint8_t>& coded, const Progress& progress);

/// Appends what a coded block is of, raw_size bytes. Errors:
/// BlockCoder's; data_damaged of blocks too deep, of too many plain bytes, of other sizes than they say.
Status decode_block(BlockCoder& coder, const BlockHeader& block, std::span<const std::uint8_t> data,
                    std::vector<std::uint8_t>& raw, const Progress& progress);

}  // namespace ssmz::codec
