// SPDX-License-Identifier: Apache-2.0
// Takes a frame apart, fed in pieces of any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/frame/header.hpp"

namespace ssmz::codec {

/// Yields the parts of one frame in order: the header, each block, the end. Holds at most one block
/// (max_block_size bytes), and grows only with the bytes really fed. Does not decode: it knows sizes, not
/// content.
class FrameParser {
 public:
  enum class BlockData : bool {
    skip,  ///< The caller needs no block_data().
    keep,
  };
  enum class Event : std::uint8_t {
    need_input,  ///< All input is consumed; feed more.
    header,      ///< header() is there.
    block,       ///< block() and, if kept, block_data() are there until the next call.
    prime,       ///< block() is there: how to show the next bytes of the prime to the model.
    anew,        ///< The model starts anew, without prime.
    end,         ///< checksum() and block() are there. Nothing behind the frame was consumed. Do not call
                 ///< again.
  };

  explicit FrameParser(BlockData data) : data_(data) {}

  /// Consumes from the front of `in` until something is there. Errors (final): those of the headers, and
  /// data_damaged if the blocks' sizes and the content size of the header do not agree, a copy reaches
  /// back too far, or what is said of the prime stands in the wrong place.
  Result<Event> next(std::span<const std::uint8_t>& in);

  /// After need_input, if block data are not kept: passes over the rest of a block's data, at most `most`
  /// bytes, as if they had been fed. Returns how many that were.
  std::uint64_t jump(std::uint64_t most) noexcept {
    if (part_ != Part::block_data || data_ != BlockData::skip) return 0;
    const std::uint64_t left = block_.coded_size - skipped_;
    const std::uint64_t size = left < most ? left : most;
    skipped_ += static_cast<std::size_t>(size);
    consumed_ += size;
    return size;
  }

  [[nodiscard]] const FrameHeader& header() const noexcept { return header_; }
  [[nodiscard]] const BlockHeader& block() const noexcept { return block_; }
  [[nodiscard]] std::span<const std::uint8_t> block_data() const noexcept { return block_data_; }
  /// The number after the last block, of checksum_size(content()) bytes; nullopt if the header says there is
  /// none.
  [[nodiscard]] std::optional<std::uint64_t> checksum() const noexcept { return checksum_; }
  /// Bytes of the frame consumed, and bytes of content its blocks stand for so far.
  [[nodiscard]] std::uint64_t consumed() const noexcept { return consumed_; }
  [[nodiscard]] std::uint64_t content() const noexcept { return content_; }

 private:
  enum class Part : std::uint8_t { frame_header, block_header, block_data, checksum };

  Result<Event> frame_header(std::span<const std::uint8_t>& in);
  Result<Event> block_header(std::span<const std::uint8_t>& in);
  Result<Event> block_bytes(std::span<const std::uint8_t>& in);
  Result<Event> end(std::span<const std::uint8_t>& in);
  /// Puts in the size of a block that stands for the rest of the content.
  Status complete_block();
  [[nodiscard]] Status check_block() const;
  [[nodiscard]] Status check_prime() const;
  void take(std::span<const std::uint8_t>& in, std::size_t size);
  /// Moves bytes from `in` to held_ until it has `size`; false if there are too few.
  bool gather(std::span<const std::uint8_t>& in, std::size_t size);

  BlockData data_;
  Part part_ = Part::frame_header;
  FrameHeader header_;
  BlockHeader block_;
  std::span<const std::uint8_t> block_data_;
  std::optional<std::uint64_t> checksum_;
  std::vector<std::uint8_t> held_;        ///< The bytes of a part that came so far.
  std::vector<std::uint8_t> block_held_;  ///< Backs block_data_ when the block came in pieces.
  std::size_t skipped_ = 0;               ///< Bytes of the block passed over, when they are not kept.
  std::uint64_t consumed_ = 0;
  std::uint64_t content_ = 0;
  bool modelled_ = false;  ///< A block that the model sees has come.
  bool anew_ = false;      ///< The model has started anew.
};

}  // namespace ssmz::codec
