// SPDX-License-Identifier: Apache-2.0
// Frame and block headers to bytes and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/frame/frame.hpp"

namespace ssmz::codec {

/// Appends at most max_frame_header_size bytes.
void append_frame_header(const FrameHeader& header, std::vector<std::uint8_t>& out);

/// Appends at most max_block_header_size bytes. Sizes of content must be in 1..max_block_size, coded_size <=
/// raw_size; raw_size 0 stands for the rest of the content, whose size the frame's header must hold.
void append_block_header(const BlockHeader& header, std::vector<std::uint8_t>& out);

template <class Header>
struct Parsed {
  Header header;
  std::size_t size = 0;  ///< Bytes of input the header takes.
};

/// Parses the header that `in` begins with. Errors: truncated (more bytes are needed), not_a_frame,
/// unsupported_version, header_damaged. Allocates no more than the two short texts of a header.
[[nodiscard]] Result<Parsed<FrameHeader>> parse_frame_header(std::span<const std::uint8_t> in);

/// Parses the block header that `in` begins with. What stands for the rest of the content has a raw_size of
/// 0, and its coded_size is not checked against it. Errors: truncated (more bytes are needed), data_damaged.
[[nodiscard]] Result<Parsed<BlockHeader>> parse_block_header(std::span<const std::uint8_t> in);

/// A block that stands for the rest, of which `rest` bytes are left, gets its sizes. False if there is no
/// rest, or more than a block may have, or fewer bytes than coded_size says.
[[nodiscard]] bool complete_block_header(BlockHeader& block, std::uint64_t rest);

namespace header_detail {
/// FORMAT. Bits of the flags byte; the others must be zero.
inline constexpr std::uint8_t flag_content_size = 1;
inline constexpr std::uint8_t flag_checksum = 2;
inline constexpr std::uint8_t flag_model = 4;
inline constexpr std::uint8_t flag_number = 8;
inline constexpr std::uint8_t flag_prime = 16;  ///< Only with flag_model, as flag_stack.
inline constexpr std::uint8_t flag_stack = 32;
inline constexpr std::uint8_t flag_vocabulary = 64;  ///< It is named, for it is not the built-in one.
inline constexpr std::uint8_t known_flags = 127;
/// FORMAT. Level and table_log2 share a byte: the level in its low bits, above them table_log2 less this.
inline constexpr unsigned level_bits = 4;
/// FORMAT. How many bits a block's kind has, and the value that is no kind: the size then says which mark.
inline constexpr unsigned kind_bits = 4;
inline constexpr std::uint64_t mark_kind = 15;
enum class Mark : std::uint8_t {
  end_of_stream = 0,
  frame_follows = 1,
  prime_rest = 2,
  prime_piece = 3,
  anew = 4
};
/// FORMAT. Bytes of the header's own checksum.
inline constexpr std::size_t check_size = 2;
}  // namespace header_detail

}  // namespace ssmz::codec
