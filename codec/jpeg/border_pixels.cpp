// SPDX-License-Identifier: Apache-2.0
// The inverse DCT, where it is needed.
#include "codec/jpeg/border_pixels.hpp"

#include <algorithm>

namespace ssmz::codec {
namespace {

// Of pixels 0 and 7 the rows and columns next to the borders.
constexpr std::array<unsigned, 4> lines = {0, 1, 6, 7};

// cos((2 x + 1) u pi / 16) / 2 in 1/2048, for u = 0 that times 1/sqrt(2): [x][u].
constexpr std::array<std::array<std::int16_t, 8>, 8> basis = {{
    {724, 1004, 946, 851, 724, 569, 392, 200},
    {724, 851, 392, -200, -724, -1004, -946, -569},
    {724, 569, -392, -1004, -724, 200, 946, 851},
    {724, 200, -946, -569, 724, 851, -392, -1004},
    {724, -200, -946, 569, 724, -851, -392, 1004},
    {724, -569, -392, 1004, -724, -200, 946, -851},
    {724, -851, 392, 200, -724, 1004, -946, 569},
    {724, -1004, 946, -851, 724, -569, 392, -200},
}};

std::int16_t clamped(std::int32_t value) {
  return static_cast<std::int16_t>(std::clamp(value, -32767, 32767));
}

}  // namespace

BorderPixels border_pixels(const JpegBlock& block, const std::array<std::uint16_t, 64>& steps) {
  // Rows first: of each vertical frequency the values at all x, in 1/8.
  std::array<std::array<std::int32_t, 8>, 8> across{};  // [v][x]
  std::array<bool, 8> used{};
  for (unsigned v = 0; v < 8; ++v) {
    for (unsigned u = 0; u < 8; ++u) {
      const int value = block[v * 8 + u];
      if (value == 0 || v + u == 0) continue;
      used[v] = true;
      const std::int32_t scaled =
          std::clamp(value * static_cast<std::int32_t>(steps[v * 8 + u]), -16384, 16383);
      for (unsigned x = 0; x < 8; ++x) across[v][x] += scaled * basis[x][u];
    }
    if (used[v])
      for (std::int32_t& value : across[v]) value = clamped((value + 128) >> 8);
  }
  std::array<std::array<std::int32_t, 8>, 4> rows{}, columns{};  // [line][along]
  for (unsigned v = 0; v < 8; ++v) {
    if (!used[v]) continue;
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned x = 0; x < 8; ++x) rows[i][x] += across[v][x] * basis[lines[i]][v];
      for (unsigned y = 0; y < 8; ++y) columns[i][y] += across[v][lines[i]] * basis[y][v];
    }
  }
  BorderPixels found;
  const auto outwards = [](std::int32_t outer, std::int32_t inner) {
    return clamped((outer * 3 - inner + 2048) >> 12);
  };
  for (unsigned i = 0; i < 8; ++i) {
    found.above[i] = outwards(rows[0][i], rows[1][i]);
    found.below[i] = outwards(rows[3][i], rows[2][i]);
    found.left[i] = outwards(columns[0][i], columns[1][i]);
    found.right[i] = outwards(columns[3][i], columns[2][i]);
  }
  return found;
}

}  // namespace ssmz::codec
