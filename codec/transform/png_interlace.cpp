// SPDX-License-Identifier: Apache-2.0
// Which pixels a pass has.
#include "codec/transform/png_interlace.hpp"

#include <algorithm>
#include <array>

#include "codec/transform/png_filters.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Pass {
  std::size_t x, y, across, down;  // the first pixel, and the steps to the next ones

  [[nodiscard]] std::size_t columns(std::size_t width) const {
    return width > x ? (width - x + across - 1) / across : 0;
  }
  /// Those that are written: none of a pass that has no columns.
  [[nodiscard]] std::size_t rows(std::size_t width, std::size_t height) const {
    return columns(width) != 0 && height > y ? (height - y + down - 1) / down : 0;
  }
};
constexpr std::array<Pass, 7> adam7 = {
    {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};

std::size_t all_rows(std::size_t width, std::size_t height) {
  std::size_t sum = 0;
  for (const Pass& pass : adam7) sum += pass.rows(width, height);
  return sum;
}

/// Calls copy(where the pixel is in the pass, in the picture) for each of its pixels.
template <class Copy>
void each_pixel(const Pass& pass, std::size_t width, std::size_t height, Copy copy) {
  std::size_t next = 0;
  for (std::size_t y = pass.y; y < height; y += pass.down)
    for (std::size_t x = pass.x; x < width; x += pass.across) copy(next++, y * width + x);
}

}  // namespace

std::optional<std::size_t> interlaced_rows(std::size_t size, std::size_t row, std::size_t pixel) {
  std::size_t low = 1, high = size / row + 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (middle * row + all_rows(row / pixel, middle) < size)
      low = middle + 1;
    else
      high = middle;
  }
  if (low * row + all_rows(row / pixel, low) != size) return std::nullopt;
  return low;
}

std::optional<std::vector<std::uint8_t>> without_passes(Bytes passes, std::size_t row, std::size_t pixel) {
  const std::optional<std::size_t> height = interlaced_rows(passes.size(), row, pixel);
  if (!height) return std::nullopt;
  const std::size_t width = row / pixel;
  std::vector<std::uint8_t> plain(passes.size());
  std::size_t types_at = 0;
  const auto picture = plain.begin() + static_cast<std::ptrdiff_t>(all_rows(width, *height));
  for (const Pass& pass : adam7) {
    const std::size_t rows = pass.rows(width, *height), own_row = pass.columns(width) * pixel;
    if (rows == 0) continue;
    const auto own = without_filters(passes.first(rows * (own_row + 1)), own_row, pixel);
    if (!own) return std::nullopt;
    passes = passes.subspan(own->size());
    const auto pixels = own->begin() + static_cast<std::ptrdiff_t>(rows);
    std::copy(own->begin(), pixels, plain.begin() + static_cast<std::ptrdiff_t>(types_at));
    types_at += rows;
    each_pixel(pass, width, *height, [&](std::size_t from, std::size_t to) {
      std::copy_n(pixels + static_cast<std::ptrdiff_t>(from * pixel), pixel,
                  picture + static_cast<std::ptrdiff_t>(to * pixel));
    });
  }
  return plain;
}

std::optional<std::vector<std::uint8_t>> with_passes(Bytes plain, std::size_t row, std::size_t pixel) {
  const std::optional<std::size_t> height = interlaced_rows(plain.size(), row, pixel);
  if (!height) return std::nullopt;
  const std::size_t width = row / pixel;
  const Bytes picture = plain.subspan(all_rows(width, *height));
  std::vector<std::uint8_t> passes;
  passes.reserve(plain.size());
  for (const Pass& pass : adam7) {
    const std::size_t rows = pass.rows(width, *height), own_row = pass.columns(width) * pixel;
    if (rows == 0) continue;
    std::vector<std::uint8_t> own(rows * (own_row + 1));
    const auto pixels = own.begin() + static_cast<std::ptrdiff_t>(rows);
    std::copy_n(plain.begin(), rows, own.begin());
    plain = plain.subspan(rows);
    each_pixel(pass, width, *height, [&](std::size_t to, std::size_t from) {
      std::copy_n(picture.begin() + static_cast<std::ptrdiff_t>(from * pixel), pixel,
                  pixels + static_cast<std::ptrdiff_t>(to * pixel));
    });
    const auto filtered = with_filters(own, own_row, pixel);
    if (!filtered) return std::nullopt;
    passes.insert(passes.end(), filtered->begin(), filtered->end());
  }
  return passes;
}

}  // namespace ssmz::codec
