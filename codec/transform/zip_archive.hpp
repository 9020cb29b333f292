// SPDX-License-Identifier: Apache-2.0
// Reads archives of ZIP. Encoders only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Bytes of a part.
struct ZipRange {
  std::size_t at = 0, end = 0;
};

/// A part of an archive that begins with a member.
struct FoundZip {
  std::size_t size = 0;             ///< Bytes of it.
  std::vector<std::uint8_t> front;  ///< All of its plain bytes but the contents.
  std::uint64_t plain = 0;          ///< Plain bytes.
  std::size_t members = 0;
  std::vector<ZipRange> media{};  ///< Members that hold pictures or sound, whose models find no copies.
  bool whole = false;             ///< With its central directory.
  std::size_t work = 0;           ///< Bytes that were looked at and written.
};

/// The part that `content` begins with, of at most `most_plain` plain bytes; of size 0, and no members, if
/// none does. Linear.
[[nodiscard]] FoundZip zip_at(std::span<const std::uint8_t> content, std::uint64_t most_plain);

}  // namespace ssmz::codec
