// SPDX-License-Identifier: Apache-2.0
// Runs of digits on lines of one length, runs of units that text is made of.
#include "codec/transform/transform_finder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>

#include "codec/base/ascii.hpp"
#include "codec/transform/base64.hpp"
#include "codec/transform/base85.hpp"
#include "codec/transform/bzip2_coded.hpp"
#include "codec/transform/catalogue.hpp"
#include "codec/transform/charset_finder.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/dynamic_symbols.hpp"
#include "codec/transform/eexec.hpp"
#include "codec/transform/escape_finder.hpp"
#include "codec/transform/font.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/instructions.hpp"
#include "codec/transform/line_shape.hpp"
#include "codec/transform/lzw_coded.hpp"
#include "codec/transform/objects.hpp"
#include "codec/transform/pdf_images.hpp"
#include "codec/transform/png.hpp"
#include "codec/transform/record_steps.hpp"
#include "codec/transform/sqlite_pages.hpp"
#include "codec/transform/tiff_strips.hpp"
#include "codec/transform/unwind.hpp"
#include "codec/transform/windows_image.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t line_end_size(bool crlf) { return crlf ? 2 : 1; }

// Base64 of anything has letters of both cases and digits, most of them soon: sequences of nucleotides or
// amino acids and words in capitals have not.
constexpr unsigned least_base64_digits = 40;
// What is hexadecimal has letters and is not of a few digits: numbers have none, flags are of few.
constexpr unsigned least_hex_letters = 3, least_hex_digits = 4;

// ---- Digits on lines.

struct Lines {
  std::size_t size = 0;  // bytes, all
  std::uint16_t line = 0;
  bool crlf = false, ends_line = false;
};

template <class IsDigit>
std::size_t run_length(Bytes text, IsDigit&& is_digit) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  return length;
}

/// Lines of digits from the beginning of `text` on: all as long as the first but the last one, which may be
/// shorter. `group`: digits that a line has a multiple of.
template <class IsDigit>
Lines digit_lines(Bytes text, std::size_t group, IsDigit&& is_digit) {
  const std::size_t first = run_length(text, is_digit);
  Lines found{.size = first - first % group};
  if (first % group != 0 || first > TransformLayout::longest_line) return found;
  const auto line_end = [&](std::size_t at) -> std::size_t {
    if (at < text.size() && text[at] == '\n') return 1;
    return at + 1 < text.size() && text[at] == '\r' && text[at + 1] == '\n' ? 2 : 0;
  };
  const std::size_t end = line_end(first);
  if (end == 0) return found;
  found.crlf = end == 2;
  std::size_t at = first;
  while (line_end(at) == end) {
    const std::size_t length = run_length(text.subspan(at + end), is_digit);
    const std::size_t whole = length - length % group;
    if (whole == 0 || whole > first || whole != length) break;
    at += end + length;
    found.line = static_cast<std::uint16_t>(first);
    if (length < first) break;
  }
  found.size = at;
  return found;
}

bool is_base64(std::uint8_t byte) { return base64_values[byte] != no_digit; }

std::optional<WrittenPart> base64_at(Bytes text) {
  // Padding ends it: a padded last line is no whole group of digits.
  Lines lines = digit_lines(text, 4, is_base64);
  const auto rest = text.subspan(lines.size);
  const std::size_t end = lines.line != 0 ? line_end_size(lines.crlf) : 0;
  const std::size_t skipped = rest.size() > end && lines.line != 0 && ends_lines(rest[0]) ? end : 0;
  const std::size_t digits = run_length(rest.subspan(skipped), is_base64);
  if (digits % 4 >= 2 && rest.size() >= skipped + digits / 4 * 4 + 4) {
    const std::size_t padded = skipped + digits / 4 * 4 + 4;
    const bool fits = lines.line == 0 ? skipped == 0 : padded - skipped <= lines.line;
    if (fits && rest[padded - 1] == '=' && (digits % 4 == 3 || rest[padded - 2] == '=')) lines.size += padded;
  }
  if (lines.size < least_written_part) return std::nullopt;
  std::array<bool, 256> seen{};
  for (const std::uint8_t byte : text.first(std::min(lines.size, 4 * least_written_part))) seen[byte] = true;
  unsigned upper = 0, lower = 0, numbers = 0;
  for (unsigned byte = 0; byte < seen.size(); ++byte) {
    const auto c = static_cast<std::uint8_t>(byte);
    upper += seen[byte] && is_upper(c), lower += seen[byte] && is_lower(c),
        numbers += seen[byte] && is_digit(c);
  }
  if (upper == 0 || lower == 0 || numbers == 0 || upper + lower + numbers < least_base64_digits)
    return std::nullopt;
  return WrittenPart{0, lines.size, {.transform = Transform::base64, .crlf = lines.crlf, .line = lines.line}};
}

std::optional<WrittenPart> hexadecimal_at(Bytes text, bool upper_case) {
  const Lines lines =
      digit_lines(text, 2, [&](std::uint8_t byte) { return hex_value(byte, upper_case) < 16; });
  if (lines.size < least_written_part) return std::nullopt;
  std::array<bool, 16> seen{};
  for (const std::uint8_t byte : text.first(std::min(lines.size, 4 * least_written_part)))
    if (!ends_lines(byte)) seen[hex_value(byte, upper_case)] = true;
  if (std::count(seen.begin() + 10, seen.end(), true) < least_hex_letters ||
      std::count(seen.begin(), seen.begin() + 10, true) < least_hex_digits)
    return std::nullopt;
  return WrittenPart{0,
                     lines.size,
                     {.transform = Transform::hexadecimal,
                      .crlf = lines.crlf,
                      .upper_case = upper_case,
                      .line = lines.line}};
}

/// What begins where no digit of base64, of which those of hexadecimal are some, stands before.
std::optional<WrittenPart> digits_at(Bytes text) {
  for (const bool upper_case : {false, true})
    if (std::optional<WrittenPart> found = hexadecimal_at(text, upper_case)) return found;
  return base64_at(text);
}

// From the last digit of the least run back: most are refused by one look or two.
void find_digits(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr std::size_t least_run = 32;
  for (std::size_t at = 0; at + least_run <= content.size();) {
    std::size_t left = least_run;
    while (left > 0 && is_base64(content[at + left - 1])) --left;
    if (left > 0) {
      at += left;
      continue;
    }
    const std::size_t run = run_length(content.subspan(at), is_base64);
    const std::optional<WrittenPart> found = digits_at(content.subspan(at));
    if (found) {
      parts.push_back(*found);
      parts.back().at = at;
    }
    at += std::max(run, found ? found->size : 0) + 1;
  }
}

// ---- UTF-16 and UTF-32.

struct UnitRange {
  std::uint16_t first, last;
};
// Characters that most text is made of; with surrogates and the byte order mark. Other units end a part.
constexpr UnitRange text_units[] = {{0x09, 0x0A},     {0x0D, 0x0D},     {0x20, 0x7E},     {0xA0, 0x24F},
                                    {0x2B0, 0x5FF},   {0x600, 0x6FF},   {0x900, 0x97F},   {0xE00, 0xE7F},
                                    {0x1E00, 0x1FFF}, {0x2010, 0x2044}, {0x20A0, 0x20BF}, {0x2190, 0x21FF},
                                    {0x2500, 0x257F}, {0x3000, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3},
                                    {0xD800, 0xDFFF}, {0xFEFF, 0xFEFF}, {0xFF01, 0xFF60}};
// What parts words or sentences: random units, and bytes of text two by two, have few of them.
constexpr std::uint16_t separators[] = {0x0A, 0x20, 0x2C, 0x2E, 0x3001, 0x3002, 0xFF0C};
constexpr std::size_t most_units_a_separator = 48;

enum UnitClass : std::uint8_t { foreign, letter, separator };

constexpr auto unit_classes = [] {
  std::array<std::uint8_t, 65536> classes{};
  for (const UnitRange range : text_units)
    for (unsigned unit = range.first; unit <= range.last; ++unit) classes[unit] = letter;
  for (const std::uint16_t unit : separators) classes[unit] = separator;
  return classes;
}();

template <std::size_t Size>
std::uint8_t class_at(Bytes content, std::size_t at, bool big) {
  const std::size_t low = big ? at + Size - 2 : at;
  if constexpr (Size == 4) {
    // Of what is beyond UTF-16 there are 16 planes.
    const std::size_t high = big ? at : at + 2;
    const unsigned plane = content[high + !big] << 8 | content[high + big];
    if (plane != 0) return plane <= 16 ? letter : foreign;
  }
  return unit_classes[static_cast<unsigned>(content[low + !big] << 8 | content[low + big])];
}

// A part is sought from the last unit of the least one back: most are refused by one look for each.
template <std::size_t Size>
void find_units(Bytes content, const TransformLayout& layout, std::size_t from,
                std::vector<WrittenPart>& parts) {
  const bool big = layout.transform == Transform::utf16_big;
  const auto class_of = [&](std::size_t at) { return class_at<Size>(content, at, big); };
  while (from + least_written_part <= content.size()) {
    std::size_t at = from + least_written_part;
    while (at > from && class_of(at - Size) != foreign) at -= Size;
    if (at > from) {
      from = at;
      continue;
    }
    std::size_t end = from + least_written_part;
    while (end + Size <= content.size() && class_of(end) != foreign) end += Size;
    std::size_t separators_seen = 0;
    for (at = from; at < end; at += Size) separators_seen += class_of(at) == separator;
    const std::size_t size = end - from;
    if (separators_seen * most_units_a_separator >= size / Size) parts.push_back({from, size, layout});
    from = end + Size;
  }
}

/// What is left of the part beside another, the longer piece.
void step_aside(WrittenPart& part, const WrittenPart& other) {
  const std::size_t end = part.at + part.size, other_end = other.at + other.size;
  if (part.at >= other_end || other.at >= end) return;
  const std::size_t before = std::max(other.at, part.at) - part.at;
  const std::size_t behind = end - std::min(end, other_end);
  if (behind > before) part.at = other_end;
  part.size = std::max(before, behind);
}

/// The longest first, none over another. What is quoted steps aside for what may stand in the same message.
std::vector<WrittenPart> apart(std::vector<WrittenPart> parts) {
  std::stable_sort(parts.begin(), parts.end(), [](const WrittenPart& a, const WrittenPart& b) {
    if (is_quoted_part(a) != is_quoted_part(b)) return is_quoted_part(b);
    return a.size > b.size;
  });
  std::vector<WrittenPart> kept;
  for (WrittenPart part : parts) {
    const std::size_t whole = part.size;
    for (const WrittenPart& other : kept) step_aside(part, other);
    if (part.size == whole || (is_quoted_part(part) && part.size >= least_written_part)) kept.push_back(part);
  }
  std::sort(kept.begin(), kept.end(), [](const WrittenPart& a, const WrittenPart& b) { return a.at < b.at; });
  return kept;
}

/// Of 64 digits instead of 256 certificates begin alike: ca-certificates.crt at -1 113,894 -> 114,389.
void mark_repeated(Bytes content, std::vector<WrittenPart>& parts) {
  constexpr std::size_t compared = 256;
  std::map<std::string_view, WrittenPart*> seen;
  for (WrittenPart& part : parts) {
    if (!has_lines(part.layout.transform) || part.size < compared) continue;
    const std::string_view begin(reinterpret_cast<const char*>(content.data()) + part.at, compared);
    const auto [entry, is_new] = seen.try_emplace(begin, &part);
    if (!is_new) part.repeated = entry->second->repeated = true;
  }
}

}  // namespace

std::vector<WrittenPart> find_written_parts(Bytes content, std::uint64_t most_plain) {
  std::vector<WrittenPart> parts;
  find_pngs(content, parts, most_plain);
  find_deflated(content, parts, most_plain);
  find_lzw(content, parts, most_plain);
  set_tiff_pixels(content, parts);
  set_pdf_pixels(content, parts);
  find_bzip2(content, parts, most_plain);
  find_eexec(content, parts);
  find_base85(content, parts);
  find_instructions(content, parts);
  find_symbols(content, parts);
  find_unwind(content, parts);
  find_images(content, parts);
  find_steps(content, parts);
  find_catalogues(content, parts);
  find_pages(content, parts);
  find_fonts(content, parts);
  find_objects(content, parts);
  for (const Transform transform : {Transform::utf16_little, Transform::utf16_big}) {
    for (std::size_t from = 0; from < 2; ++from)
      find_units<2>(content, {.transform = transform}, from, parts);
    for (std::size_t from = 0; from < 4; ++from)
      find_units<4>(content, {.transform = transform, .line = 1}, from, parts);
  }
  find_escapes(content, parts);
  find_charsets(content, parts);
  find_digits(content, parts);
  parts = with_margins(content, apart(std::move(parts)));
  mark_repeated(content, parts);
  return parts;
}

std::size_t unit_of(const TransformLayout& layout) noexcept {
  if (layout.transform == Transform::utf16_little || layout.transform == Transform::utf16_big)
    return unit_bytes(layout);
  if (layout.transform == Transform::steps || layout.transform == Transform::pages) return layout.row;
  if (!has_lines(layout.transform)) return 1;
  if (layout.line != 0) return layout.line + line_end_size(layout.crlf);
  return layout.transform == Transform::base64 ? 4 : 2;
}

bool has_carriage_returns(Bytes text) noexcept {
  // Of fewer lines the layout's bytes are more than they would save.
  constexpr std::size_t least_lines = 12;
  std::size_t lines = 0, pairs = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    lines += text[i] == '\n';
    pairs += text[i] == '\n' && i > 0 && text[i - 1] == '\r';
  }
  return lines >= least_lines && pairs == lines;
}

}  // namespace ssmz::codec
