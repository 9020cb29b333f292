// SPDX-License-Identifier: Apache-2.0
// Walks UTF-8 character by character.
#include "src/messages/masked_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace ssmz::cli {

namespace {

struct Character {
  std::size_t size = 1;     ///< Bytes.
  std::uint32_t point = 0;  ///< Unicode code point.
  bool valid = false;       ///< False: `size` is 1 and the byte is no UTF-8.
};

/// The character that `text`, which is not empty, begins with.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::uint32_t point = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    point = point << 6 | (next & 0x3Fu);
  }
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least[size] || point > 0x10FFFF || surrogate) return {};
  return {size, point, true};
}

bool is_control(std::uint32_t point) {
  // Besides C0, DEL and C1: marks that turn the direction of what follows.
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// East Asian wide characters and pictures, roughly as Unicode's EastAsianWidth has them.
constexpr std::array<Range, 9> wide_ranges = {{{0x1100, 0x115F},
                                               {0x2E80, 0xA4CF},
                                               {0xAC00, 0xD7A3},
                                               {0xF900, 0xFAFF},
                                               {0xFE30, 0xFE6F},
                                               {0xFF00, 0xFF60},
                                               {0x1F300, 0x1F64F},
                                               {0x1F900, 0x1FAFF},
                                               {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 4> zero_ranges = {
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

template <std::size_t count>
bool within(const std::array<Range, count>& ranges, std::uint32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return point >= range.first && point <= range.last; });
}

std::size_t width_of(std::uint32_t point) {
  return within(zero_ranges, point) ? 0 : within(wide_ranges, point) ? 2 : 1;
}

/// Calls `take(character, its bytes)` for each.
template <class Take>
void for_each_character(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const Character character = first_character(text);
    take(character, text.substr(0, character.size));
    text.remove_prefix(character.size);
  }
}

std::string hex(const char* format, unsigned value) {
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

std::string masked(std::string_view text) {
  std::string shown;
  for_each_character(text, [&](const Character& character, std::string_view bytes) {
    if (character.valid && !is_control(character.point))
      shown += bytes;
    else
      shown += '?';
  });
  return shown;
}

std::string escaped(std::string_view text) {
  std::string shown;
  for_each_character(text, [&](const Character& character, std::string_view bytes) {
    if (bytes == "\\")
      shown += "\\\\";
    else if (bytes == "\t")
      shown += "\\t";
    else if (bytes == "\n")
      shown += "\\n";
    else if (character.valid && !is_control(character.point))
      shown += bytes;
    else
      for (const char byte : bytes) shown += hex("\\x%02x", static_cast<unsigned char>(byte));
  });
  return shown;
}

std::string json_escaped(std::string_view text) {
  std::string shown;
  for_each_character(text, [&](const Character& character, std::string_view bytes) {
    if (!character.valid)
      shown += "\\ufffd";
    else if (bytes == "\"" || bytes == "\\")
      shown += "\\" + std::string(bytes);
    else if (is_control(character.point))
      shown += hex("\\u%04x", character.point);
    else
      shown += bytes;
  });
  return shown;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for_each_character(text, [&](const Character& character, std::string_view) {
    columns += character.valid ? width_of(character.point) : 1;
  });
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  const std::string whole = masked(text);
  const std::size_t width = columns_of(whole);
  if (width <= columns) return whole;
  constexpr std::size_t dots = 3;
  if (columns < dots + 2) return whole.substr(0, 0) + std::string(columns, '.');
  const std::size_t head = (columns - dots) / 2;
  const std::size_t tail = columns - dots - head;
  std::string first;
  std::string last;
  std::size_t at = 0;
  for_each_character(whole, [&](const Character& character, std::string_view bytes) {
    at += width_of(character.point);
    if (at <= head) first += bytes;
    if (at > width - tail && at - width_of(character.point) >= width - tail) last += bytes;
  });
  return first + "..." + last;
}

}  // namespace ssmz::cli
