// SPDX-License-Identifier: Apache-2.0
// Numbers and records as SQLite writes them (https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// A number of seven bits a byte, the highest first; the ninth byte has eight.
struct SqliteNumber {
  std::uint64_t value = 0;
  std::size_t size = 0;  ///< Bytes, 1..9; 0: it does not end.
};

[[nodiscard]] SqliteNumber number_at(std::span<const std::uint8_t> bytes, std::size_t at) noexcept;

/// Puts `value`, or its low bits, in as many bytes as a number has there, `size`.
void put_number(std::uint64_t value, std::size_t size, std::span<std::uint8_t> bytes) noexcept;

/// Appends what orders records as SQLite does, but for numbers of two kinds in one place: strings of bytes.
/// FORMAT. Linear; of what is no record a part.
void append_key(std::span<const std::uint8_t> record, std::vector<std::uint8_t>& key);

}  // namespace ssmz::codec
