// SPDX-License-Identifier: Apache-2.0
// Segments of text of which escapes of one form make up much.
#include "codec/transform/escape_finder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "codec/transform/escapes.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/soft_breaks.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool is_hex(std::uint8_t byte) { return hex_value(byte, true) < 16 || hex_value(byte, false) < 16; }

std::size_t any_soft_break(Bytes text) {
  return std::max(soft_break_size(false, text), soft_break_size(true, text));
}

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
    escape_layout(Escape::decimal),     escape_layout(Escape::octal),
    escape_layout(Escape::quoted),      escape_layout(Escape::quoted, true),
    escape_layout(Escape::quoted_byte), escape_layout(Escape::quoted_byte, true)};

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

// A soft break parts words, so it weighs as so many bytes of escapes. Bytes at -5 of cp.html quoted (25,517):
// 5,264 as it stands, 4,724 as found so.
constexpr std::size_t soft_break_weight = 8;

/// Bytes of escapes in `text`, and what soft breaks weigh.
std::size_t escaped(Bytes text, const TransformLayout& layout) {
  const std::uint8_t lead = escape_lead(layout);
  const bool quoted = is_quoted(escape_of(layout));
  std::size_t sum = 0;
  for (auto at = text.begin(); (at = std::find(at, text.end(), lead)) != text.end();) {
    const Bytes rest(at, text.end());
    const std::optional<EscapeFound> escape = escape_at(layout, rest);
    sum += escape ? escape->size : 0;
    if (quoted && !escape && any_soft_break(rest) != 0) sum += soft_break_weight;
    at += escape ? static_cast<std::ptrdiff_t>(escape->size) : 1;
  }
  return sum;
}

// Of a segment, 12 bits each: how many of its bytes begin escapes, by what they are, how many are not ASCII.
// Once for all forms: a look for each took 70 instructions a byte.
constexpr std::uint8_t escape_leads[] = {'\\', '%', '&', '='};
constexpr unsigned count_bits = 12, beyond_ascii_at = count_bits * std::size(escape_leads);

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
  if (size * least_escape_share < segment.size()) return false;
  const std::size_t in_other_case = escaped(segment, other);
  // What quoted-printable is usually written in, if there are no letters to tell.
  const bool usual = !is_quoted(escape_of(layout)) || layout.upper_case;
  if (size < in_other_case || (size == in_other_case && !usual)) return false;
  if (escape_of(layout) != Escape::quoted_byte) return true;
  // Bytes that make characters of UTF-8 are no others.
  other = escape_layout(Escape::quoted, layout.upper_case);
  return size * 7 > escaped(segment, other) * 8;
}

/// Lines of quoted text stay whole: the first place from `at` on, if near, where one begins.
std::size_t line_border(Bytes content, std::size_t at) {
  if (at == 0 || at >= content.size()) return std::min(at, content.size());
  const Bytes near = content.subspan(at - 1, std::min(escape_segment, content.size() - at + 1));
  const auto end = std::find(near.begin(), near.end(), '\n');
  return end == near.end() ? at : at + static_cast<std::size_t>(end - near.begin());
}

/// The length to which most softly broken lines of the part are filled, if they are.
void find_soft_line(Bytes content, WrittenPart& part) {
  constexpr std::size_t longest = TransformLayout::longest_line / escape_count;
  constexpr std::size_t filled = 2;  // so much may be free on a line: an escape is not broken
  std::array<std::size_t, longest + 1> lines{};
  const Bytes text = content.subspan(part.at, part.size);
  std::size_t begin = 0, all = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\n') continue;
    const std::size_t cr = at > begin && text[at - 1] == '\r' ? 1 : 0;
    const std::size_t length = at - cr - begin;
    const bool soft = length > 0 && text[at - cr - 1] == '=';
    if (soft && length <= longest) ++lines[length];
    all += soft;
    begin = at + 1;
  }
  std::size_t most = longest;
  while (most >= least_soft_line && lines[most] == 0) --most;
  if (most < least_soft_line) return;
  std::size_t full = 0;
  for (std::size_t length = most - filled; length <= most; ++length) full += lines[length];
  if (4 * full < all) return;
  part.layout.line = static_cast<std::uint16_t>(part.layout.line + escape_count * most);
}

void find_form(Bytes content, const TransformLayout& layout, std::span<const std::uint64_t> signs,
               std::vector<WrittenPart>& parts) {
  std::size_t from = 0;
  for (std::size_t at = 0;; at += escape_segment) {
    const bool more = at < content.size();
    if (more && has_escapes(content.subspan(at, std::min(escape_segment, content.size() - at)), layout,
                            signs[at / escape_segment]))
      continue;
    // Only a part has borders: at most places there is none.
    if (at > from && std::min(at, content.size()) + longest_escape >= from + least_written_part) {
      const bool quoted = is_quoted(escape_of(layout));
      const std::size_t start = quoted ? line_border(content, from) : behind_escape(content, from);
      const std::size_t end = quoted ? line_border(content, at) : behind_escape(content, at);
      if (end >= start + least_written_part) parts.push_back({start, end - start, layout});
      if (quoted && end >= start + least_written_part) find_soft_line(content, parts.back());
    }
    if (!more) return;
    from = at + escape_segment;
  }
}

// So much text beside quoted text is taken along: a block's border costs more. Bytes at -5 of a mailbox of
// 154,060 whose members have headers, quoted text and base64: 27,374 with 4,096, 24,263 so.
constexpr std::size_t longest_gap = std::size_t{16} << 10;

/// Text in ASCII with spaces, without marks and with few equals signs that are no escapes.
bool goes_along(Bytes gap) {
  constexpr std::size_t most_without_space = 256, least_bytes_a_sign = 64;
  std::size_t signs = 0, since = 0;
  for (std::size_t at = 0; at < gap.size(); ++at) {
    const std::uint8_t byte = gap[at];
    since = byte == ' ' ? 0 : since + 1;
    const bool escape =
        byte == '=' && at + 2 < gap.size() && (is_hex(gap[at + 1]) || any_soft_break(gap.subspan(at)) != 0);
    signs += byte == '=' && !escape;
    const bool text = (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n' || byte == '\r';
    if (!text || since > most_without_space) return false;
  }
  return signs * least_bytes_a_sign <= gap.size();
}

bool joins(const WrittenPart& a, const WrittenPart& b) {
  return is_quoted_part(a) && is_quoted_part(b) && escape_of(a.layout) == escape_of(b.layout) &&
         a.layout.upper_case == b.layout.upper_case;
}

}  // namespace

bool is_quoted_part(const WrittenPart& part) noexcept {
  return part.layout.transform == Transform::escapes && is_quoted(escape_of(part.layout));
}

std::vector<WrittenPart> with_margins(Bytes content, const std::vector<WrittenPart>& parts) {
  std::vector<WrittenPart> wide;
  std::size_t end = 0;  // of the last one
  for (std::size_t i = 0; i < parts.size(); ++i) {
    WrittenPart part = parts[i];
    const Bytes gap = content.subspan(end, part.at - end);
    const bool joined = !wide.empty() && joins(wide.back(), part);
    if (joined && gap.size() <= longest_gap && goes_along(gap)) {
      wide.back().size += gap.size() + part.size;
      wide.back().layout.line = std::max(wide.back().layout.line, part.layout.line);
    } else {
      if (is_quoted_part(part) && gap.size() <= longest_gap && goes_along(gap)) {
        part.at -= gap.size();
        part.size += gap.size();
      }
      wide.push_back(part);
    }
    end = wide.back().at + wide.back().size;
    const std::size_t next = i + 1 < parts.size() ? parts[i + 1].at : content.size();
    if (!is_quoted_part(wide.back()) || (i + 1 < parts.size() && joins(wide.back(), parts[i + 1]))) continue;
    if (next - end > longest_gap || !goes_along(content.subspan(end, next - end))) continue;
    wide.back().size += next - end;
    end = next;
  }
  return wide;
}

void find_escapes(Bytes content, std::vector<WrittenPart>& parts) {
  const std::vector<std::uint64_t> signs = signs_of_segments(content);
  for (const TransformLayout& layout : escape_layouts) find_form(content, layout, signs, parts);
}

}  // namespace ssmz::codec
