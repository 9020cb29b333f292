// SPDX-License-Identifier: Apache-2.0
// Reads deflate streams (RFC 1951): block by block and token by token, or all their content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/deflate/code_reader.hpp"

namespace ssmz::codec {

/// Reads a stream; whatever the bytes are, it ends. After anything but success there is nothing more to ask.
class DeflateReader {
 public:
  enum class Next : std::uint8_t { token, end, bad };

  explicit DeflateReader(std::span<const std::uint8_t> stream) : stream_(stream), bits_(stream) {}

  /// Reads up to a block's first token. False of what is no block.
  [[nodiscard]] bool begin_block();
  [[nodiscard]] bool is_last() const noexcept { return last_; }
  [[nodiscard]] DeflateBlock type() const noexcept { return type_; }
  /// Of a stored block its bytes.
  [[nodiscard]] std::span<const std::uint8_t> stored() const noexcept { return stored_; }
  /// Of a dynamic block its code lengths, and how they are told.
  [[nodiscard]] const CodeLengths& code_lengths() const noexcept { return lengths_; }
  [[nodiscard]] const DynamicHeader& header() const noexcept { return header_; }

  /// The next of a block that is not stored; `literal` is its byte if it is one.
  [[nodiscard]] Next next(DeflateToken& token, std::uint8_t& literal) noexcept;

  /// Bytes that were read in whole or in part.
  [[nodiscard]] std::size_t size() const noexcept { return (bits_.position() + 7) / 8; }
  [[nodiscard]] bool overrun() const noexcept { return bits_.overrun(); }

 private:
  [[nodiscard]] bool begin_stored();

  std::span<const std::uint8_t> stream_;
  BitReader bits_;
  bool last_ = false;
  DeflateBlock type_ = DeflateBlock::stored;
  std::span<const std::uint8_t> stored_;
  CodeLengths lengths_;
  DynamicHeader header_;
  CodeReader literals_, distances_;
};

/// What a stream that `bytes` begin with holds.
struct Inflated {
  std::vector<std::uint8_t> plain;
  std::size_t size = 0;  ///< Bytes of the stream.
};
/// Nothing if they begin with none, or with one of more than `most` bytes of content. `work` grows by the
/// bytes that were looked at or written.
[[nodiscard]] std::optional<Inflated> inflate(std::span<const std::uint8_t> bytes, std::size_t most,
                                              std::size_t& work);

}  // namespace ssmz::codec
