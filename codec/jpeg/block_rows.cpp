// SPDX-License-Identifier: Apache-2.0
// Rings of rows of blocks.
#include "codec/jpeg/block_rows.hpp"

namespace ssmz::codec {

void BlockRows::begin(const JpegHeader& header) {
  std::size_t first = 0;
  for (unsigned c = 0; c < header.count; ++c) {
    const JpegComponent& component = header.components[c];
    components_[c] = {first, component.columns, component.down + 1u};
    first += std::size_t{component.columns} * (component.down + 1u);
  }
  for (std::size_t i = 0; i < first; ++i)
    if (blocks_[i].there) blocks_[i].there = 0;
}

const KeptBlock& BlockRows::at(unsigned component, std::int64_t row, std::int64_t column) const noexcept {
  const Rows& rows = components_[component];
  const KeptBlock& none = blocks_[JpegHeader::max_kept_blocks];
  if (row < 0 || column < 0 || column >= rows.columns) return none;
  const KeptBlock& found =
      blocks_[rows.first + static_cast<std::size_t>(row % rows.rows * rows.columns + column)];
  return found.there ? found : none;
}

KeptBlock& BlockRows::next(unsigned component, std::int64_t row, std::int64_t column) noexcept {
  const Rows& rows = components_[component];
  return blocks_[rows.first + static_cast<std::size_t>(row % rows.rows * rows.columns + column)];
}

}  // namespace ssmz::codec
