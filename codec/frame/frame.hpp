// SPDX-License-Identifier: Apache-2.0
// What a frame is made of: constants and fields shared by all who read or write one (FORMAT.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "codec/block/block_coder.hpp"
#include "codec/levels/levels.hpp"

namespace ssmz::codec {

/// FORMAT. First bytes of a frame and of a skippable frame. 0xD3 followed by ASCII is neither text nor UTF-8.
inline constexpr std::array<std::uint8_t, 4> frame_magic = {0xD3, 'S', 'M', 'Z'};
inline constexpr std::array<std::uint8_t, 4> skippable_magic = {0xD3, 'S', 'M', 'K'};

/// FORMAT. Raised when an older decoder could not read what is written.
inline constexpr std::uint8_t format_version = 5;

/// FORMAT. Most bytes one block may stand for; bounds what a decoder must hold for a block.
inline constexpr std::uint32_t max_block_size = 1u << 24;

/// FORMAT. Most bytes of a frame header, of a block header, and the exact size of a skippable frame's header.
inline constexpr std::size_t max_frame_header_size = 36;
inline constexpr std::size_t max_block_header_size = 18;
inline constexpr std::size_t skippable_header_size = 8;

/// FORMAT. Bytes of the content checksum.
inline constexpr std::size_t checksum_size = 8;

/// What the model of a frame is. Absent if every block is stored.
struct FrameModel {
  ModelParameters parameters;
  std::uint64_t memory_mib = 0;       ///< Memory to decode as the encoder computed it, in MiB, rounded up.
  std::uint64_t vocabulary_hash = 0;  ///< XXH3-64 of the vocabulary's file.
};

struct FrameHeader {
  std::optional<FrameModel> model;
  std::optional<std::uint64_t> content_size;  ///< Bytes of content, if the encoder knew.
  bool has_checksum = true;                   ///< XXH3-64 of the content follows the last block.
};

/// A block's data is `coded_size` bytes for `raw_size` bytes of content. If the two are equal the data are
/// the content itself; of kinds other than stored the model then learns from it without decoding.
struct BlockHeader {
  BlockType type{};
  bool end = false;  ///< No block: the mark after the last one. The other fields are unused.
  std::uint32_t raw_size = 0;
  std::uint32_t coded_size = 0;
};

}  // namespace ssmz::codec
