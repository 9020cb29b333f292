// SPDX-License-Identifier: Apache-2.0
// Layouts as numbers, and each transform by its name.
#include "codec/transform/transform.hpp"

#include <algorithm>

#include "codec/bzip2/bzip2.hpp"
#include "codec/transform/base64.hpp"
#include "codec/transform/base85.hpp"
#include "codec/transform/bzip2_coded.hpp"
#include "codec/transform/catalogue.hpp"
#include "codec/transform/charset.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/differences.hpp"
#include "codec/transform/dynamic_symbols.hpp"
#include "codec/transform/eexec.hpp"
#include "codec/transform/escapes.hpp"
#include "codec/transform/font.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/instructions.hpp"
#include "codec/transform/lzw_coded.hpp"
#include "codec/transform/objects.hpp"
#include "codec/transform/png.hpp"
#include "codec/transform/png_filters.hpp"
#include "codec/transform/quoted.hpp"
#include "codec/transform/ranks.hpp"
#include "codec/transform/record_steps.hpp"
#include "codec/transform/sqlite_pages.hpp"
#include "codec/transform/unicode.hpp"
#include "codec/transform/unwind.hpp"
#include "codec/transform/windows_image.hpp"
#include "codec/transform/zip.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT. From the lowest bit: transform 5, kind 2, crlf, upper_case, ends_line, plain_size 25, line 11,
// row 17: what is usually 0 comes last. What holds a stream has no letters and no lines, but a larger size.
constexpr unsigned kind_at = 5, crlf_at = 7, upper_at = 8, ends_at = 9, line_at = 35, row_at = 46,
                   layout_bits = 63;

unsigned size_at(Transform transform) { return holds_stream(transform) ? upper_at : ends_at + 1; }

// FORMAT. Plain bytes for each byte of a stream: what holds more is left alone, so that a small block
// does not stand for much work.
constexpr std::uint64_t most_stream_share = 64;

bool expands_lines(const TransformLayout& layout) {
  return layout.crlf && !has_lines(layout.transform) && !holds_stream(layout.transform);
}

/// Without the CR of each CR LF; nothing if an LF stands alone.
std::optional<std::vector<std::uint8_t>> without_carriage_returns(Bytes raw) {
  std::vector<std::uint8_t> plain;
  plain.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n')
      ++i;
    else if (raw[i] == '\n')
      return std::nullopt;
    plain.push_back(raw[i]);
  }
  return plain;
}

std::vector<std::uint8_t> with_carriage_returns(Bytes plain) {
  std::vector<std::uint8_t> raw;
  raw.reserve(plain.size() + plain.size() / 16);
  for (const std::uint8_t byte : plain) {
    if (byte == '\n') raw.push_back('\r');
    raw.push_back(byte);
  }
  return raw;
}

std::optional<std::vector<std::uint8_t>> unwritten(const TransformLayout& layout, Bytes raw,
                                                   const KnownCorrections& known) {
  switch (layout.transform) {
    case Transform::lines: return std::vector<std::uint8_t>(raw.begin(), raw.end());
    case Transform::utf16_little:
    case Transform::utf16_big: return from_utf16(layout, raw);
    case Transform::base64: return from_base64(raw);
    case Transform::hexadecimal: return from_hexadecimal(layout, raw);
    case Transform::escapes:
      return is_quoted(escape_of(layout)) ? from_quoted(layout, raw) : from_escapes(layout, raw);
    case Transform::deflated: return from_deflated(layout, raw, known);
    case Transform::charset: return from_charset(layout, raw);
    case Transform::png: return from_png(layout, raw, known);
    case Transform::lzw: return from_lzw(layout, raw);
    case Transform::bzip2: return from_bzip2(raw);
    case Transform::differences: return from_differences(layout, raw);
    case Transform::eexec: return from_eexec(layout, raw);
    case Transform::base85: return from_base85(raw);
    case Transform::filtered: return without_filters(raw, layout.row, layout.line + std::size_t{1});
    case Transform::instructions: return from_instructions(layout, raw);
    case Transform::symbols: return from_symbols(layout, raw);
    case Transform::unwind: return from_unwind(layout, raw);
    case Transform::image: return from_image(layout, raw);
    case Transform::steps: return from_steps(layout, raw);
    case Transform::catalogue: return from_catalogue(layout, raw);
    case Transform::pages: return from_pages(layout, raw);
    case Transform::font: return from_font(layout, raw);
    case Transform::ranks: return from_ranks(layout, raw);
    case Transform::zip: return from_zip(raw, known);
    case Transform::objects: return from_objects(layout, raw);
  }
  return std::nullopt;
}

bool append(const TransformLayout& layout, Bytes plain, std::size_t size, std::vector<std::uint8_t>& raw) {
  switch (layout.transform) {
    case Transform::lines: raw.insert(raw.end(), plain.begin(), plain.end()); return true;
    case Transform::utf16_little:
    case Transform::utf16_big: return append_utf16(layout, plain, size, raw);
    case Transform::base64: append_base64(layout, plain, size, raw); return true;
    case Transform::hexadecimal: append_hexadecimal(layout, plain, size, raw); return true;
    case Transform::escapes:
      return is_quoted(escape_of(layout)) ? append_quoted(layout, plain, size, raw)
                                          : append_escapes(layout, plain, size, raw);
    case Transform::deflated: return append_deflated_block(layout, plain, size, raw);
    case Transform::charset: return append_charset(layout, plain, size, raw);
    case Transform::png: return append_png(layout, plain, size, raw);
    case Transform::lzw: return append_lzw_block(layout, plain, size, raw);
    case Transform::bzip2: return append_bzip2(layout.line, plain, size, raw);
    case Transform::differences: append_differences(layout, plain, raw); return true;
    case Transform::eexec: append_eexec(layout, plain, raw); return true;
    case Transform::instructions: append_instructions(layout, plain, raw); return true;
    case Transform::symbols: return append_symbols(layout, plain, size, raw);
    case Transform::unwind: return append_unwind(layout, plain, size, raw);
    case Transform::image: return append_image(layout, plain, size, raw);
    case Transform::steps: append_steps(layout, plain, raw); return true;
    case Transform::catalogue: return append_catalogue(layout, plain, size, raw);
    case Transform::pages: append_pages(layout, plain, raw); return true;
    case Transform::font: return append_font(layout, plain, raw);
    case Transform::ranks: return append_ranks(layout, plain, raw);
    case Transform::zip: return append_zip(plain, size, raw);
    case Transform::objects: return append_objects(layout, plain, size, raw);
    case Transform::base85: append_base85(layout, plain, size, raw); return true;
    case Transform::filtered: {
      const auto rows = with_filters(plain, layout.row, layout.line + std::size_t{1});
      if (rows) raw.insert(raw.end(), rows->begin(), rows->end());
      return rows.has_value();
    }
  }
  return false;
}

/// Whether `line` has one of its values where it is no digits'.
bool valid_form(const TransformLayout& layout) {
  switch (layout.transform) {
    case Transform::lines: return layout.line == 0;
    case Transform::utf16_little:
    case Transform::utf16_big: return layout.line <= 1;
    case Transform::escapes:
      return soft_line(layout) == 0 || (is_quoted(escape_of(layout)) && soft_line(layout) >= least_soft_line);
    case Transform::charset: return layout.line < charset_count;
    case Transform::deflated: return valid_deflated_layout(layout);
    case Transform::png: return valid_png_layout(layout);
    case Transform::lzw: return valid_lzw_layout(layout);
    case Transform::bzip2: return valid_bzip2_layout(layout);
    case Transform::differences: return valid_differences_layout(layout);
    case Transform::eexec: return valid_eexec_layout(layout);
    case Transform::instructions: return valid_instructions_layout(layout);
    case Transform::symbols: return valid_symbols_layout(layout);
    case Transform::unwind: return valid_unwind_layout(layout);
    case Transform::image: return valid_image_layout(layout);
    case Transform::steps: return valid_steps_layout(layout);
    case Transform::catalogue: return valid_catalogue_layout(layout);
    case Transform::pages: return valid_pages_layout(layout);
    case Transform::font: return valid_font_layout(layout);
    case Transform::ranks: return valid_ranks_layout(layout);
    case Transform::zip: return valid_zip_layout(layout);
    case Transform::objects: return valid_objects_layout(layout);
    case Transform::filtered: return !layout.crlf && layout.line < most_pixel_bytes && layout.row != 0;
    case Transform::base64:
    case Transform::base85:
    case Transform::hexadecimal: break;
  }
  return has_lines(layout.transform);
}

}  // namespace

std::uint64_t TransformLayout::packed() const noexcept {
  return static_cast<std::uint64_t>(transform) | std::uint64_t{kind} << kind_at |
         std::uint64_t{crlf} << crlf_at | std::uint64_t{upper_case} << upper_at |
         std::uint64_t{ends_line} << ends_at | std::uint64_t{plain_size} << size_at(transform) |
         std::uint64_t{line} << line_at | std::uint64_t{row} << row_at;
}

TransformLayout TransformLayout::unpacked(std::uint64_t layout) noexcept {
  const auto field = [&](unsigned at, unsigned bits) {
    return layout >> at & ((std::uint64_t{1} << bits) - 1);
  };
  const auto transform = static_cast<Transform>(field(0, kind_at));
  const bool lettered = !holds_stream(transform);
  const unsigned size = size_at(transform);
  return {.transform = transform,
          .kind = static_cast<std::uint8_t>(field(kind_at, crlf_at - kind_at)),
          .crlf = field(crlf_at, 1) != 0,
          .upper_case = lettered && field(upper_at, 1) != 0,
          .ends_line = lettered && field(ends_at, 1) != 0,
          .line = static_cast<std::uint16_t>(field(line_at, row_at - line_at)),
          .plain_size = static_cast<std::uint32_t>(field(size, line_at - size)),
          .row = static_cast<std::uint32_t>(field(row_at, layout_bits - row_at))};
}

bool valid_transform_layout(std::uint64_t layout) noexcept {
  const TransformLayout is = TransformLayout::unpacked(layout);
  const bool cased = is.transform == Transform::hexadecimal ||
                     (is.transform == Transform::escapes && escape_of(is) != Escape::decimal &&
                      escape_of(is) != Escape::octal);
  const bool lined = valid_form(is) && (has_lines(is.transform) || !is.ends_line);
  const bool rowed = is.row == 0 || has_rows(is.transform) || is.transform == Transform::instructions;
  return layout >> layout_bits == 0 && rowed && is.plain_size >= 1 &&
         is.plain_size <= most_plain(is.transform) && (is.crlf || is.transform != Transform::lines) &&
         (cased || !is.upper_case) && lined;
}

std::optional<std::vector<std::uint8_t>> plain_again(const TransformLayout& layout, Bytes raw,
                                                     const KnownCorrections& known) {
  return known ? unwritten(layout, raw, known) : plain_of(layout, raw);
}

std::optional<std::vector<std::uint8_t>> plain_of(const TransformLayout& layout, Bytes raw,
                                                  const KnownCorrections& known) {
  std::optional<std::vector<std::uint8_t>> plain = unwritten(layout, raw, known);
  if (plain && expands_lines(layout)) plain = without_carriage_returns(*plain);
  if (!plain || plain->empty() || plain->size() > most_plain(layout.transform)) return std::nullopt;
  std::vector<std::uint8_t> written;
  written.reserve(raw.size());
  if (!append_written(layout, *plain, raw.size(), written)) return std::nullopt;
  if (!std::equal(written.begin(), written.end(), raw.begin(), raw.end())) return std::nullopt;
  return plain;
}

bool can_write(const TransformLayout& layout, std::uint64_t raw_size) noexcept {
  const std::uint64_t plain = layout.plain_size;
  const auto with_ends = [&](std::uint64_t digits) {
    const std::uint64_t ends = (layout.line ? (digits - 1) / layout.line : 0) + (layout.ends_line ? 1 : 0);
    return digits + ends * (layout.crlf ? 2 : 1);
  };
  // An LF takes twice what another character of a byte does.
  const std::uint64_t longest = layout.crlf ? 2 * plain : plain;
  switch (layout.transform) {
    case Transform::lines: return raw_size >= plain && raw_size <= longest;
    // Three bytes of UTF-8 are two of UTF-16 at best, one is two at worst; four are four of UTF-32.
    case Transform::utf16_little:
    case Transform::utf16_big:
      return (layout.line != 0 ? raw_size >= plain : raw_size * 3 >= plain * 2) &&
             raw_size <= longest * unit_bytes(layout);
    case Transform::base64: return raw_size == with_ends((plain + 2) / 3 * 4);
    case Transform::hexadecimal: return raw_size == with_ends(plain * 2);
    case Transform::base85:
      return raw_size >= (plain + 3) / 4 && raw_size <= with_ends(most_base85_digits(plain));
    // No escape is shorter than what it stands for; four bytes for one, as \xXX, are the most. A mark of
    // quoted-printable stands beside a byte; of breaks there is one behind each five bytes at most.
    case Transform::escapes:
      if (is_quoted(escape_of(layout))) return raw_size * 2 >= plain && raw_size <= plain * 6;
      return raw_size >= plain && raw_size <= plain * 4;
    case Transform::deflated:
    case Transform::png:
    case Transform::lzw:
    case Transform::bzip2:
    case Transform::zip: return plain <= raw_size * most_stream_share;
    case Transform::differences:
    case Transform::instructions:
    case Transform::steps:
    case Transform::pages:
    case Transform::font:
    case Transform::eexec: return raw_size == plain;
    // Tables are smaller than what they are made from, by far.
    case Transform::symbols: return raw_size >= plain && raw_size <= 4 * plain;
    case Transform::unwind: return raw_size > plain && (raw_size - plain) % 8 == 0 && raw_size <= 2 * plain;
    case Transform::image: return raw_size >= plain && raw_size <= 4 * plain;
    case Transform::catalogue: return raw_size >= plain && raw_size <= 16 * plain;
    case Transform::ranks: return raw_size <= 2 * plain;
    case Transform::objects:
      return has_symbol_table(layout) ? raw_size >= plain && raw_size <= 2 * plain : raw_size == plain;
    case Transform::filtered: return raw_size == plain && plain % (layout.row + std::uint64_t{1}) == 0;
    // A byte that is no character, or a half-width katakana, takes three bytes of UTF-8.
    case Transform::charset: return raw_size * 3 >= plain && raw_size <= longest;
  }
  return false;
}

bool append_written(const TransformLayout& layout, Bytes plain, std::size_t size,
                    std::vector<std::uint8_t>& raw) {
  const std::size_t before = raw.size();
  const bool good = expands_lines(layout) ? append(layout, with_carriage_returns(plain), size, raw)
                                          : append(layout, plain, size, raw);
  return good && raw.size() - before == size;
}

}  // namespace ssmz::codec
