// SPDX-License-Identifier: Apache-2.0
// Bytes two by two to units, units to UTF-8, and the reverse.
#include "codec/transform/unicode.hpp"

#include "codec/transform/utf16_units.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

}  // namespace

std::optional<std::vector<std::uint8_t>> from_utf16(const TransformLayout& layout, Bytes raw) {
  if (raw.size() % 2 != 0) return std::nullopt;
  const bool big = layout.transform == Transform::utf16_big;
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  UnitsToUtf8 units(plain);
  for (std::size_t at = 0; at < raw.size(); at += 2)
    units.unit(static_cast<std::uint32_t>(raw[at + !big] << 8 | raw[at + big]));
  units.finish();
  return plain;
}

bool append_utf16(const TransformLayout& layout, Bytes plain, std::size_t limit,
                  std::vector<std::uint8_t>& raw) {
  const bool big = layout.transform == Transform::utf16_big;
  const std::size_t most = raw.size() + limit;
  return each_unit(plain, [&](std::uint32_t unit) {
    const auto high = static_cast<std::uint8_t>(unit >> 8), low = static_cast<std::uint8_t>(unit);
    raw.push_back(big ? high : low);
    raw.push_back(big ? low : high);
    return raw.size() <= most;
  });
}

}  // namespace ssmz::codec
