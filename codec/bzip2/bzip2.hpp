// SPDX-License-Identifier: Apache-2.0
// Streams of bzip2, and what they hold. FORMAT: decoders write as libbz2 1.0.3 and later do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/base/signature.hpp"

namespace ssmz::codec {

/// What the header of a stream begins with.
inline constexpr Signature<3> bzip2_name{{'B', 'Z', 'h'}, 1};

/// The level, 1..9, if the header of a stream begins the bytes; 0 if none does.
[[nodiscard]] unsigned bzip2_level(std::span<const std::uint8_t> bytes) noexcept;

struct Bzip2Content {
  std::vector<std::uint8_t> plain;
  std::size_t size = 0;  ///< Bytes of the stream.
};

/// What the stream holds that `bytes` begin with; nothing of what is no stream or holds more than
/// `most_plain` bytes. Checksums are not looked at. Adds to `work` bytes read and written. Some 10 MB/s.
[[nodiscard]] std::optional<Bzip2Content> read_bzip2(std::span<const std::uint8_t> bytes,
                                                     std::size_t most_plain, std::size_t& work);

/// Bytes of the stream that `bytes` begin with: 0 of what is none, more than there are if it is cut off.
[[nodiscard]] std::size_t bzip2_size(std::span<const std::uint8_t> bytes, std::size_t& work);

/// Appends the stream of `plain` at a level. False, with something appended, if it is more than `most` bytes.
/// Some 5 MB/s whatever the bytes are.
[[nodiscard]] bool append_bzip2(unsigned level, std::span<const std::uint8_t> plain, std::size_t most,
                                std::vector<std::uint8_t>& stream);

}  // namespace ssmz::codec
