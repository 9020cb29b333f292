// SPDX-License-Identifier: Apache-2.0
// What segments say of a picture and its scans: ITU-T T.81, Annex B, of sequential and progressive JPEG.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "codec/jpeg/jpeg_huffman.hpp"

namespace ssmz::codec {

/// Natural order (row of vertical frequency by row) of the coefficients as a scan has them.
inline constexpr std::array<std::uint8_t, 64> jpeg_zigzag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

struct JpegComponent {
  std::uint8_t id = 0;
  std::uint8_t across = 1, down = 1;          ///< Blocks in an MCU, 1..4 each.
  std::uint16_t columns = 0;                  ///< Blocks in a row of whole MCUs.
  std::uint16_t own_columns = 0;              ///< Those that a scan of this component alone has.
  std::uint16_t own_rows = 0;                 ///< And rows of them.
  std::array<std::uint16_t, 64> steps{};      ///< Of the quantiser, in natural order; each at least 1.
  std::shared_ptr<const JpegHuffman> dc, ac;  ///< Of a scan that has all.
};

/// A picture; if it has one scan of all components, that too.
struct JpegHeader {
  static constexpr unsigned max_components = 4;
  /// FORMAT. Blocks that a model keeps of all components, those of a row of MCUs and of the row of blocks
  /// above: a picture that has more is not coded so. 4:2:0 may be 52,000 pixels wide.
  static constexpr std::uint32_t max_kept_blocks = 1u << 15;

  unsigned count = 0;  ///< Components.
  std::array<JpegComponent, max_components> components{};
  std::uint32_t mcu_columns = 0, mcu_rows = 0;
  std::uint32_t restart_interval = 0;  ///< MCUs; 0: none.
  std::size_t size = 0;                ///< Bytes up to the scan's first.
  bool progressive = false;            ///< SOF2.

  [[nodiscard]] std::uint64_t mcus() const noexcept { return std::uint64_t{mcu_columns} * mcu_rows; }
  [[nodiscard]] unsigned blocks_in_mcu() const noexcept;
  [[nodiscard]] std::uint64_t blocks() const noexcept { return mcus() * blocks_in_mcu(); }
  [[nodiscard]] std::uint32_t kept_blocks() const noexcept;
};

/// What an SOS says, with the tables that it refers to.
struct JpegScan {
  unsigned count = 0;                                            ///< Components.
  std::array<std::uint8_t, JpegHeader::max_components> which{};  ///< Places in the picture's, rising.
  /// Only what the scan needs.
  std::array<std::shared_ptr<const JpegHuffman>, JpegHeader::max_components> dc, ac;
  unsigned first = 0, last = 63;  ///< Places in the zigzag.
  unsigned before = 0, low = 0;   ///< Ah and Al: bits below which nothing was known before, is known then.
  std::uint32_t restart_interval = 0;
};

/// FORMAT. In front of one scan; tables of both sorts, of which so many are read for a few hundred bytes.
inline constexpr unsigned most_jpeg_segments = 64, most_jpeg_tables = 32;
inline constexpr std::uint8_t jpeg_start_of_scan = 0xda, jpeg_end_of_image = 0xd9;
/// The first byte of all markers.
inline constexpr std::uint8_t jpeg_first_byte = 0xff;
/// FORMAT. Bytes that may wait for the rest of their MCU in the next block: none has more.
inline constexpr std::size_t longest_jpeg_mcu = 8192;

}  // namespace ssmz::codec
