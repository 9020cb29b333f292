// SPDX-License-Identifier: Apache-2.0
// What a directory of a TIFF 6.0 file says of a picture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "codec/base/header_reader.hpp"

namespace ssmz::codec {

/// Of TiffDirectory::photometric: samples are places in a palette.
inline constexpr std::uint32_t tiff_palette = 3;

/// Nothing is checked: pieces may lie anywhere.
struct TiffDirectory {
  std::uint64_t width = 0, height = 0, tile_width = 0;  ///< In pixels; 0: there are no tiles, but strips.
  std::uint32_t bits = 1, channels = 1;                 ///< Of a sample; samples of a pixel.
  std::uint32_t compression = 1, photometric = 0, planar = 1, predictor = 1;
  std::uint64_t pieces = 0;  ///< Strips or tiles.
  std::uint64_t next = 0;    ///< Where the next directory is; 0: this is the last.

  /// Where a piece is, and of how many bytes, in the file that the directory was read from.
  [[nodiscard]] std::uint64_t piece_at(const HeaderReader& file, std::uint64_t piece) const {
    return file.number(at_ + piece * at_size_, at_size_);
  }
  [[nodiscard]] std::uint64_t piece_size(const HeaderReader& file, std::uint64_t piece) const {
    return file.number(size_at_ + piece * size_size_, size_size_);
  }
  /// Whether the list of where they are is in the file.
  [[nodiscard]] bool lists_pieces(const HeaderReader& file) const {
    return at_ <= file.in.size() && pieces <= (file.in.size() - at_) / at_size_;
  }

 private:
  friend TiffDirectory read_tiff_directory(const HeaderReader& file, std::uint64_t at);
  std::uint64_t at_ = 0, size_at_ = 0;
  unsigned at_size_ = 4, size_size_ = 4;
};

/// Looks at 64 entries at most.
[[nodiscard]] TiffDirectory read_tiff_directory(const HeaderReader& file, std::uint64_t at);

/// If a TIFF file's header begins `file`: its reader. Then the place of the first directory is its four bytes
/// from tiff_directory_at on.
[[nodiscard]] std::optional<HeaderReader> tiff_reader(std::span<const std::uint8_t> file);
inline constexpr std::uint64_t tiff_directory_at = 4;

/// Directories looked at cost as so many strips.
inline constexpr std::size_t most_tiff_entries = 64;

}  // namespace ssmz::codec
