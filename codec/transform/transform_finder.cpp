// SPDX-License-Identifier: Apache-2.0
// Runs of digits on lines of one length, runs of units that text is made of.
#include "codec/transform/transform_finder.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "codec/base/ascii.hpp"
#include "codec/transform/base64.hpp"
#include "codec/transform/charset_finder.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/escapes.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/line_shape.hpp"

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

// ---- UTF-16.

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

// A part is sought from the last unit of the least one back: most are refused by one look for each.
void find_utf16(Bytes content, bool big, std::size_t parity, std::vector<WrittenPart>& parts) {
  const auto class_of = [&](std::size_t at) {
    return unit_classes[static_cast<unsigned>(content[at + !big] << 8 | content[at + big])];
  };
  for (std::size_t from = parity; from + least_written_part <= content.size();) {
    std::size_t at = from + least_written_part;
    while (at > from && class_of(at - 2) != foreign) at -= 2;
    if (at > from) {
      from = at;
      continue;
    }
    std::size_t end = from + least_written_part;
    while (end + 2 <= content.size() && class_of(end) != foreign) end += 2;
    std::size_t separators_seen = 0;
    for (at = from; at < end; at += 2) separators_seen += class_of(at) == separator;
    const std::size_t size = end - from;
    if (separators_seen * most_units_a_separator >= size / 2)
      parts.push_back({from, size, {.transform = big ? Transform::utf16_big : Transform::utf16_little}});
    from = end + 2;
  }
}

// ---- Escapes.

// Where they make up less of the text they cost little.
constexpr std::size_t escape_segment = 1024, least_escape_share = 16;

constexpr TransformLayout escape_layout(Escape form, bool upper_case = false) {
  return {
      .transform = Transform::escapes, .upper_case = upper_case, .line = static_cast<std::uint16_t>(form)};
}

/// Each form in each case that it has.
constexpr TransformLayout escape_layouts[] = {
    escape_layout(Escape::json),        escape_layout(Escape::json, true),
    escape_layout(Escape::percent),     escape_layout(Escape::percent, true),
    escape_layout(Escape::byte),        escape_layout(Escape::byte, true),
    escape_layout(Escape::hexadecimal), escape_layout(Escape::hexadecimal, true),
    escape_layout(Escape::decimal),     escape_layout(Escape::octal)};

/// The first place from `at`, or from the end, on that is not within an escape.
std::size_t behind_escape(Bytes content, std::size_t at) {
  at = std::min(at, content.size());
  for (std::size_t start = at - std::min(at, longest_escape - 1); start < at; ++start) {
    for (const TransformLayout& layout : escape_layouts) {
      const std::optional<EscapeFound> escape = escape_at(layout, content.subspan(start));
      if (escape && start + escape->size > at) return start + escape->size;
    }
  }
  return at;
}

/// Bytes of escapes in `text`.
std::size_t escaped(Bytes text, const TransformLayout& layout) {
  const std::uint8_t lead = escape_lead(layout);
  std::size_t sum = 0;
  for (auto at = text.begin(); (at = std::find(at, text.end(), lead)) != text.end();) {
    const std::optional<EscapeFound> escape = escape_at(layout, {at, text.end()});
    sum += escape ? escape->size : 0;
    at += escape ? static_cast<std::ptrdiff_t>(escape->size) : 1;
  }
  return sum;
}

// Of a segment, 16 bits each: how many of its bytes begin escapes, by what they are, how many are not ASCII.
// Once for all forms: a look for each took 70 instructions a byte.
constexpr std::uint8_t escape_leads[] = {'\\', '%', '&'};
constexpr unsigned count_bits = 16, beyond_ascii_at = count_bits * std::size(escape_leads);

constexpr std::array<std::uint64_t, 256> escape_signs = [] {
  std::array<std::uint64_t, 256> signs{};
  for (unsigned i = 0; i < std::size(escape_leads); ++i)
    signs[escape_leads[i]] = std::uint64_t{1} << (count_bits * i);
  for (unsigned byte = 0x80; byte < 0x100; ++byte) signs[byte] = std::uint64_t{1} << beyond_ascii_at;
  return signs;
}();

/// The sums of each segment's signs.
std::vector<std::uint64_t> signs_of_segments(Bytes content) {
  std::vector<std::uint64_t> sums;
  sums.reserve(content.size() / escape_segment + 1);
  for (; !content.empty(); content = content.subspan(std::min(escape_segment, content.size()))) {
    std::uint64_t sum = 0;
    for (const std::uint8_t byte : content.first(std::min(escape_segment, content.size())))
      sum += escape_signs[byte];
    sums.push_back(sum);
  }
  return sums;
}

/// ASCII of which escapes of one form make up much, more than those in the other case.
bool has_escapes(Bytes segment, const TransformLayout& layout, std::uint64_t signs) {
  const auto* lead = std::find(std::begin(escape_leads), std::end(escape_leads), escape_lead(layout));
  const auto leads = static_cast<std::size_t>(
      signs >> (count_bits * static_cast<unsigned>(lead - escape_leads)) & ((1u << count_bits) - 1));
  if (signs >> beyond_ascii_at != 0 || leads * longest_escape * least_escape_share < segment.size())
    return false;
  TransformLayout other = layout;
  other.upper_case = !layout.upper_case;
  const std::size_t size = escaped(segment, layout);
  return size * least_escape_share >= segment.size() && size >= escaped(segment, other);
}

void find_escapes(Bytes content, const TransformLayout& layout, std::span<const std::uint64_t> signs,
                  std::vector<WrittenPart>& parts) {
  std::size_t from = 0;
  for (std::size_t at = 0;; at += escape_segment) {
    const bool more = at < content.size();
    if (more && has_escapes(content.subspan(at, std::min(escape_segment, content.size() - at)), layout,
                            signs[at / escape_segment]))
      continue;
    // Only a part has borders: at most places there is none.
    if (at > from && std::min(at, content.size()) + longest_escape >= from + least_written_part) {
      const std::size_t start = behind_escape(content, from), end = behind_escape(content, at);
      if (end >= start + least_written_part) parts.push_back({start, end - start, layout});
    }
    if (!more) return;
    from = at + escape_segment;
  }
}

/// The longest first, none over another.
std::vector<WrittenPart> apart(std::vector<WrittenPart> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const WrittenPart& a, const WrittenPart& b) { return a.size > b.size; });
  std::vector<WrittenPart> kept;
  for (const WrittenPart& part : parts) {
    const bool free = std::none_of(kept.begin(), kept.end(), [&](const WrittenPart& other) {
      return part.at < other.at + other.size && other.at < part.at + part.size;
    });
    if (free) kept.push_back(part);
  }
  std::sort(kept.begin(), kept.end(), [](const WrittenPart& a, const WrittenPart& b) { return a.at < b.at; });
  return kept;
}

}  // namespace

std::vector<WrittenPart> find_written_parts(Bytes content) {
  std::vector<WrittenPart> parts;
  find_deflated(content, parts);
  for (const bool big : {false, true})
    for (const std::size_t parity : {0, 1}) find_utf16(content, big, parity, parts);
  const std::vector<std::uint64_t> signs = signs_of_segments(content);
  for (const TransformLayout& layout : escape_layouts) find_escapes(content, layout, signs, parts);
  find_charsets(content, parts);
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t run = run_length(content.subspan(at), is_base64);
    const std::optional<WrittenPart> found = run >= 32 ? digits_at(content.subspan(at)) : std::nullopt;
    if (found) {
      parts.push_back(*found);
      parts.back().at = at;
    }
    at += std::max(run, found ? found->size : 0) + 1;
  }
  return apart(std::move(parts));
}

std::size_t unit_of(const TransformLayout& layout) noexcept {
  if (layout.transform == Transform::escapes || layout.transform == Transform::charset) return 1;
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
