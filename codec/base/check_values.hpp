// SPDX-License-Identifier: Apache-2.0
// Check values that other formats hold of their content.
#pragma once

#include <cstdint>
#include <span>

namespace ssmz::codec {

/// CRC-32 of ISO 3309, the lowest bit of a byte first, as gzip, ZIP and PNG have it.
[[nodiscard]] std::uint32_t crc32(std::span<const std::uint8_t> bytes) noexcept;

/// Adler-32 of RFC 1950.
[[nodiscard]] std::uint32_t adler32(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace ssmz::codec
