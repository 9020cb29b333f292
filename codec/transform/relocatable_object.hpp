// SPDX-License-Identifier: Apache-2.0
// Relocatable objects of ELF (System V ABI, chapter 4), what assemblers write: tables of sections, symbols
// and relocations, much of which follows from each other, from strings and from code.
#pragma once

#include <cstdint>
#include <span>

namespace ssmz::codec {

/// FORMAT. The bytes of `object` with differences, where numbers follow from others, and back, in place;
/// bytes that are no such object stay. Linear: what would take longer is left from there on.
void object_to_differences(std::span<std::uint8_t> object);
void object_from_differences(std::span<std::uint8_t> object);

/// Bytes of the object that `content` begins with, up to the last section's or the table's end; 0 if there is
/// none, or it is not whole. Adds to `work` the bytes that it reads.
[[nodiscard]] std::size_t object_extent(std::span<const std::uint8_t> content, std::size_t& work);

}  // namespace ssmz::codec
