// SPDX-License-Identifier: Apache-2.0
// Entries of twelve bytes: a tag, a type, a count, and the value or where it is.
#include "codec/base/tiff_directory.hpp"

namespace ssmz::codec {

std::optional<HeaderReader> tiff_reader(std::span<const std::uint8_t> file) {
  if (file.size() < 8 || file[0] != file[1] || (file[0] != 'I' && file[0] != 'M')) return std::nullopt;
  const HeaderReader reader{file, file[0] == 'M'};
  if (reader.number(2, 2) != 42) return std::nullopt;
  return reader;
}

TiffDirectory read_tiff_directory(const HeaderReader& file, std::uint64_t at) {
  constexpr std::uint32_t short_type = 3;
  TiffDirectory found;
  const std::uint32_t entries = file.number(at, 2);
  for (std::uint64_t i = 0; i < entries && i < most_tiff_entries; ++i) {
    const std::uint64_t entry = at + 2 + 12 * i;
    const std::uint32_t type = file.number(entry + 2, 2), count = file.number(entry + 4, 4);
    const unsigned size = type == short_type ? 2 : 4;
    const std::uint64_t where = std::uint64_t{count} * size <= 4 ? entry + 8 : file.number(entry + 8, 4);
    const std::uint32_t value = file.number(where, size);
    switch (file.number(entry, 2)) {
      case 256: found.width = value; break;
      case 257: found.height = value; break;
      case 258: found.bits = value; break;
      case 259: found.compression = value; break;
      case 262: found.photometric = value; break;
      case 277: found.channels = value; break;
      case 284: found.planar = value; break;
      case 317: found.predictor = value; break;
      case 322: found.tile_width = value; break;
      case 273:
      case 324: found.pieces = count, found.at_ = where, found.at_size_ = size; break;
      case 279:
      case 325: found.size_at_ = where, found.size_size_ = size; break;
      default: break;
    }
  }
  found.next = file.number(at + 2 + 12 * std::uint64_t{entries}, 4);
  return found;
}

}  // namespace ssmz::codec
