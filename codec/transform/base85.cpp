// SPDX-License-Identifier: Apache-2.0
// Five digits for four bytes, one for four that are 0, and where they begin.
#include "codec/transform/base85.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "codec/transform/line_shape.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t first_digit = '!', last_digit = 'u', four_zeros = 'z';
constexpr std::uint32_t base = 85;
constexpr std::size_t group_digits = 5, group_bytes = 4;

bool is_base85(std::uint8_t byte) {
  return (byte >= first_digit && byte <= last_digit) || byte == four_zeros;
}

/// Appends the bytes of a group of `count` digits, 2 to 5. False if they are more than it can hold.
bool append_group(const std::array<std::uint8_t, group_digits>& digits, std::size_t count,
                  std::vector<std::uint8_t>& plain) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < group_digits; ++i)
    value = value * base + (i < count ? digits[i] - std::uint32_t{first_digit} : base - 1);
  if (value >> 32 != 0) return false;
  for (std::size_t i = 0; i + 1 < count; ++i)
    plain.push_back(static_cast<std::uint8_t>(value >> (24 - 8 * i)));
  return true;
}

/// Lines of digits at the end of a text: each but the last is as long as `line`, or there is but one.
struct LastLines {
  std::size_t at = 0;
  std::uint16_t line = 0;
  bool crlf = false;
};

LastLines last_lines(Bytes text) {
  constexpr std::size_t least_line = 16;
  const auto line_begin = [&](std::size_t end) {
    while (end > 0 && is_base85(text[end - 1])) --end;
    return end;
  };
  LastLines found{.at = line_begin(text.size())};
  const std::size_t last = text.size() - found.at;
  // Where a line that ends in front of `at` ends; `at` if none does.
  const auto line_end = [&](std::size_t at) {
    if (at == 0 || text[at - 1] != '\n') return at;
    return found.crlf && at > 1 && text[at - 2] == '\r' ? at - 2 : at - 1;
  };
  found.crlf = found.at > 1 && text[found.at - 1] == '\n' && text[found.at - 2] == '\r';
  std::size_t end = line_end(found.at);
  const std::size_t line = end - line_begin(end);
  if (end == found.at || line < std::max(last, least_line) || line > TransformLayout::longest_line) {
    found.crlf = false;
    return found;
  }
  found.line = static_cast<std::uint16_t>(line);
  while (end != found.at && end - line_begin(end) == line) {
    found.at = end - line;
    end = line_end(found.at);
  }
  return found;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> from_base85(Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size() / group_digits * group_bytes);
  std::array<std::uint8_t, group_digits> digits{};
  std::size_t count = 0;
  for (const std::uint8_t byte : raw) {
    if (ends_lines(byte)) continue;
    if (!is_base85(byte) || (byte == four_zeros && count != 0)) return std::nullopt;
    if (byte == four_zeros) {
      plain.insert(plain.end(), group_bytes, 0);
      continue;
    }
    digits[count++] = byte;
    if (count < group_digits) continue;
    if (!append_group(digits, count, plain)) return std::nullopt;
    count = 0;
  }
  if (count == 1 || (count > 1 && !append_group(digits, count, plain))) return std::nullopt;
  return plain;
}

void append_base85(const TransformLayout& layout, Bytes plain, std::size_t limit,
                   std::vector<std::uint8_t>& raw) {
  LineWriter writer(layout, limit, raw);
  for (; !plain.empty(); plain = plain.subspan(std::min(group_bytes, plain.size()))) {
    const std::size_t count = std::min(group_bytes, plain.size());
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < group_bytes; ++i) value = value << 8 | (i < count ? plain[i] : 0u);
    if (value == 0 && count == group_bytes) {
      if (!writer.digit(four_zeros)) return;
      continue;
    }
    std::uint32_t place = base * base * base * base;
    for (std::size_t i = 0; i <= count; ++i, place /= base)
      if (!writer.digit(static_cast<std::uint8_t>(first_digit + value / place % base))) return;
  }
  writer.finish();
}

void find_base85(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr std::string_view mark = "~>";
  for (auto from = content.begin();;) {
    const auto found = std::search(from, content.end(), mark.begin(), mark.end());
    if (found == content.end()) return;
    // No digit is in the mark: no byte is looked at for two marks.
    auto end = static_cast<std::size_t>(found - content.begin());
    while (end > 0 && ends_lines(content[end - 1])) --end;
    const LastLines lines = last_lines(content.first(end));
    WrittenPart part{lines.at, end - lines.at, {.transform = Transform::base85}};
    part.layout.line = lines.line;
    part.layout.crlf = lines.crlf;
    if (part.size >= least_stream) parts.push_back(part);
    from = found + static_cast<std::ptrdiff_t>(mark.size());
  }
}

}  // namespace ssmz::codec
