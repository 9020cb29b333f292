// SPDX-License-Identifier: Apache-2.0
// What a frame is made of: constants and fields shared by all who read or write one (FORMAT.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "codec/block/block_coder.hpp"
#include "codec/levels/levels.hpp"

namespace ssmz::codec {

/// FORMAT. First bytes of a frame and of a skippable frame. 0xD3 followed by ASCII is neither text nor UTF-8.
inline constexpr std::array<std::uint8_t, 4> frame_magic = {0xD3, 'S', 'M', 'Z'};
inline constexpr std::array<std::uint8_t, 4> skippable_magic = {0xD3, 'S', 'M', 'K'};

/// FORMAT. Raised when an older decoder could not read what is written.
inline constexpr std::uint8_t format_version = 23;

/// FORMAT. Most bytes one block may stand for; bounds what a decoder must hold for a block.
inline constexpr std::uint32_t max_block_size = 1u << 24;

/// FORMAT. Most bytes of a frame header, of a block header, and the exact size of a skippable frame's header.
inline constexpr std::size_t max_frame_header_size = 576;
inline constexpr std::size_t max_block_header_size = 19;
inline constexpr std::size_t skippable_header_size = 8;

/// Most bytes of a frame header without a prime's name and a stack's text.
inline constexpr std::size_t usual_frame_header_size = 35;

/// FORMAT. Most bytes of a prime's name.
inline constexpr std::size_t max_prime_name = 255;

/// FORMAT. The rest of a prime is shown to the model in pieces of so many bytes (the last one is shorter).
inline constexpr std::size_t prime_piece = std::size_t{1} << 23;

/// FORMAT. How deep blocks stand in blocks: those in blocks of a frame are the first.
inline constexpr unsigned most_nested_depth = 2;
/// FORMAT. In a block that is an archive (Transform::zip).
inline constexpr unsigned most_depth_in_archive = most_nested_depth + 1;
/// FORMAT. Plain bytes of all transforms in a block of a frame of so many bytes. They cost time by their
/// number: twice what one transform may have for its size, and twice what any may have.
inline constexpr std::uint64_t most_nested_plain(std::uint64_t raw_size) noexcept {
  constexpr std::uint64_t share = 128, most = std::uint64_t{1} << 27;
  return raw_size < most / share ? raw_size * share : most;
}

/// FORMAT. How far copies reach back in a frame without a model.
inline constexpr std::uint64_t reach_without_model = std::uint64_t{1} << 23;

/// The header of a skippable frame with a payload of `size` bytes.
[[nodiscard]] inline std::array<std::uint8_t, skippable_header_size> skippable_header(std::uint32_t size) {
  std::array<std::uint8_t, skippable_header_size> header{};
  auto at = std::copy(skippable_magic.begin(), skippable_magic.end(), header.begin());
  for (; at != header.end(); size >>= 8) *at++ = static_cast<std::uint8_t>(size);
  return header;
}

/// FORMAT. Bytes of the content checksum: half of it does for what is short, where each byte counts. Records
/// of 1 to 4 KiB over a trained prime take some 90 to 400 bytes.
inline constexpr std::uint64_t short_checksum_content = std::uint64_t{1} << 16;
inline constexpr std::size_t max_checksum_size = 8;
[[nodiscard]] constexpr std::size_t checksum_size(std::uint64_t content) noexcept {
  return content <= short_checksum_content ? max_checksum_size / 2 : max_checksum_size;
}
/// What is written of a content's XXH3-64.
[[nodiscard]] constexpr std::uint64_t written_checksum(std::uint64_t hash, std::uint64_t content) noexcept {
  return content <= short_checksum_content ? hash & 0xFFFFFFFFu : hash;
}

/// How a frame names the content that primes its model.
struct PrimeId {
  std::uint64_t hash = 0;    ///< XXH3-64 of it.
  std::uint64_t length = 0;  ///< Its bytes, at least 1.
  std::string name;  ///< As the encoder was given it, at most max_prime_name bytes; for messages only.

  /// True if both are the same content.
  [[nodiscard]] bool same_content(const PrimeId& other) const noexcept {
    return hash == other.hash && length == other.length;
  }
};

/// What the model of a frame is. Absent if every block is stored.
struct FrameModel {
  ModelParameters parameters;
  std::uint64_t vocabulary_hash = 0;  ///< XXH3-64 of the vocabulary's file. The built-in one is not named.
  std::optional<PrimeId> prime;       ///< What the model reads before the frame's content.
};

struct FrameHeader {
  std::uint64_t number = 0;  ///< Frames of the same stream before this one.
  std::optional<FrameModel> model;
  std::optional<std::uint64_t> content_size;  ///< Bytes of content, if the encoder knew.
  bool has_checksum = true;                   ///< XXH3-64 of the content follows the last block.
};

/// FORMAT. How far copies reach back in a frame.
[[nodiscard]] inline std::uint64_t copy_reach(const FrameHeader& header) {
  return header.model ? copy_reach(header.model->parameters) : reach_without_model;
}

enum class BlockRole : std::uint8_t {
  content,  ///< A block.
  prime,    ///< No block: the next raw_size bytes of the prime (0: all that are left) are shown to the model.
  anew,     ///< No block: the model starts anew, without prime.
  end,      ///< No block: the mark after the last one.
};

/// A block's data is `coded_size` bytes for `raw_size` bytes of content. If the two are equal the data are
/// the content itself; of modelled kinds the model then learns from it without decoding. A copy has no data.
struct BlockHeader {
  BlockType type{};
  BlockRole role = BlockRole::content;
  bool frame_follows = false;  ///< Only of an end: another frame of the same stream comes next.
  std::uint32_t raw_size = 0;  ///< In a written header 0 stands for the rest of the content.
  std::uint32_t coded_size = 0;
};

}  // namespace ssmz::codec
