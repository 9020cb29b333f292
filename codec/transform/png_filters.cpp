// SPDX-License-Identifier: Apache-2.0
// Each byte is predicted from those of its pixel's neighbours.
#include "codec/transform/png_filters.hpp"

#include <algorithm>
#include <cstdlib>

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t last_type = 4;

int paeth(int left, int above, int corner) {
  const int from_left = std::abs(above - corner), from_above = std::abs(left - corner),
            from_corner = std::abs(left + above - 2 * corner);
  if (from_left <= from_above && from_left <= from_corner) return left;
  return from_above <= from_corner ? above : corner;
}

int predicted(std::uint8_t type, int left, int above, int corner) {
  switch (type) {
    case 1: return left;
    case 2: return above;
    case 3: return (left + above) / 2;
    case 4: return paeth(left, above, corner);
    default: return 0;
  }
}

/// Bytes of a row from those of the same place, `filtered` or not, to the others; `pixels` is the row without
/// filters as far as it is known, `above` the one before it, or empty.
template <class Take>
void walk_row(std::uint8_t type, Bytes pixels, Bytes above, std::size_t pixel, Take&& take) {
  for (std::size_t x = 0; x < pixels.size(); ++x) {
    const int left = x >= pixel ? pixels[x - pixel] : 0, up = above.empty() ? 0 : above[x],
              corner = x >= pixel && !above.empty() ? above[x - pixel] : 0;
    take(x, static_cast<std::uint8_t>(predicted(type, left, up, corner)));
  }
}

}  // namespace

std::optional<std::vector<std::uint8_t>> without_filters(Bytes rows, std::size_t row, std::size_t pixel) {
  if (rows.size() % (row + 1) != 0) return std::nullopt;
  const std::size_t count = rows.size() / (row + 1);
  std::vector<std::uint8_t> plain(rows.size());
  for (std::size_t y = 0; y < count; ++y) {
    const Bytes filtered = rows.subspan(y * (row + 1) + 1, row);
    const std::uint8_t type = rows[y * (row + 1)];
    if (type > last_type) return std::nullopt;
    plain[y] = type;
    const std::span<std::uint8_t> pixels = std::span(plain).subspan(count + y * row, row);
    const Bytes above = y > 0 ? Bytes(plain).subspan(count + (y - 1) * row, row) : Bytes();
    walk_row(type, pixels, above, pixel, [&](std::size_t x, std::uint8_t prediction) {
      pixels[x] = static_cast<std::uint8_t>(filtered[x] + prediction);
    });
  }
  return plain;
}

std::optional<std::vector<std::uint8_t>> with_filters(Bytes plain, std::size_t row, std::size_t pixel) {
  if (plain.size() % (row + 1) != 0) return std::nullopt;
  const std::size_t count = plain.size() / (row + 1);
  std::vector<std::uint8_t> rows(plain.size());
  for (std::size_t y = 0; y < count; ++y) {
    const std::uint8_t type = plain[y];
    if (type > last_type) return std::nullopt;
    rows[y * (row + 1)] = type;
    const Bytes pixels = plain.subspan(count + y * row, row);
    const Bytes above = y > 0 ? plain.subspan(count + (y - 1) * row, row) : Bytes();
    std::uint8_t* const filtered = rows.data() + y * (row + 1) + 1;
    walk_row(type, pixels, above, pixel, [&](std::size_t x, std::uint8_t prediction) {
      filtered[x] = static_cast<std::uint8_t>(pixels[x] - prediction);
    });
  }
  return rows;
}

}  // namespace ssmz::codec
