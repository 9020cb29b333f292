// SPDX-License-Identifier: Apache-2.0
// Headers of ZIP archives as bytes, for those who read archives and those who write them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/transform/zip_directory.hpp"

namespace ssmz::codec {

/// What follows from a member's data, and where its local header stands in the part.
struct ZipValues {
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t size = 0;
  std::size_t at = 0;
};

/// Of a member whose data are these bytes; nothing if they are kept deflated and do not say so. Linear.
[[nodiscard]] std::optional<ZipValues> zip_values(const ZipMember& member,
                                                  std::span<const std::uint8_t> data);

/// Appends a header up to the data, what follows these, a row of the central directory with the bytes of
/// `base` between the archive's first member and this part's, and the end of the central directory.
void append_zip_local(const ZipMember& member, const ZipValues& values, std::vector<std::uint8_t>& raw);
void append_zip_descriptor(const ZipMember& member, const ZipValues& values, std::vector<std::uint8_t>& raw);
void append_zip_row(const ZipMember& member, const ZipRow& row, const ZipValues& values, std::uint64_t base,
                    std::vector<std::uint8_t>& raw);
void append_zip_end(const ZipDirectory& directory, std::size_t rows_at, std::size_t end,
                    std::vector<std::uint8_t>& raw);

/// Bytes of what append_zip_descriptor() appends.
[[nodiscard]] std::size_t zip_descriptor_bytes(ZipDescriptor descriptor) noexcept;

/// The extra field of a row that is not told; nothing of ZipExtra::short_time if there are no times.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> zip_row_extra(ZipExtra extra,
                                                                     std::span<const std::uint8_t> local);

}  // namespace ssmz::codec
