// SPDX-License-Identifier: Apache-2.0
// Layouts as numbers, and each transform by its name.
#include "codec/transform/transform.hpp"

#include <algorithm>

#include "codec/transform/base64.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/unicode.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT. From the lowest bit: transform 3, kind 2, crlf, upper_case, ends_line, plain_size 25, line 12: what
// is usually 0 comes last.
constexpr unsigned kind_at = 3, crlf_at = 5, upper_at = 6, ends_at = 7, size_at = 8, line_at = 33,
                   layout_bits = 45;

// FORMAT. Plain bytes for each byte of content: a unit of UTF-16 gives three, twice that for both is enough;
// a deflate stream of more is left alone.
constexpr std::uint64_t most_plain_share = 2, most_deflated_share = 64;

bool has_lines(Transform transform) {
  return transform == Transform::base64 || transform == Transform::hexadecimal;
}

bool expands_lines(const TransformLayout& layout) {
  return layout.crlf && !has_lines(layout.transform) && layout.transform != Transform::deflated;
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

std::optional<std::vector<std::uint8_t>> unwritten(const TransformLayout& layout, Bytes raw) {
  switch (layout.transform) {
    case Transform::lines: return std::vector<std::uint8_t>(raw.begin(), raw.end());
    case Transform::utf16_little:
    case Transform::utf16_big: return from_utf16(layout, raw);
    case Transform::base64: return from_base64(raw);
    case Transform::hexadecimal: return from_hexadecimal(layout, raw);
    case Transform::json_escapes: return from_json_escapes(layout, raw);
    case Transform::deflated: return from_deflated(layout, raw);
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
    case Transform::json_escapes: return append_json_escapes(layout, plain, size, raw);
    case Transform::deflated: return append_deflated_block(layout, plain, size, raw);
  }
  return false;
}

}  // namespace

std::uint64_t TransformLayout::packed() const noexcept {
  return static_cast<std::uint64_t>(transform) | std::uint64_t{kind} << kind_at |
         std::uint64_t{crlf} << crlf_at | std::uint64_t{upper_case} << upper_at |
         std::uint64_t{ends_line} << ends_at | std::uint64_t{plain_size} << size_at |
         std::uint64_t{line} << line_at;
}

TransformLayout TransformLayout::unpacked(std::uint64_t layout) noexcept {
  const auto field = [&](unsigned at, unsigned bits) {
    return layout >> at & ((std::uint64_t{1} << bits) - 1);
  };
  return {.transform = static_cast<Transform>(field(0, kind_at)),
          .kind = static_cast<std::uint8_t>(field(kind_at, crlf_at - kind_at)),
          .crlf = field(crlf_at, 1) != 0,
          .upper_case = field(upper_at, 1) != 0,
          .ends_line = field(ends_at, 1) != 0,
          .line = static_cast<std::uint16_t>(field(line_at, layout_bits - line_at)),
          .plain_size = static_cast<std::uint32_t>(field(size_at, line_at - size_at))};
}

bool valid_transform_layout(std::uint64_t layout) noexcept {
  const TransformLayout is = TransformLayout::unpacked(layout);
  const bool cased = is.transform == Transform::hexadecimal || is.transform == Transform::json_escapes;
  if (is.transform == Transform::deflated && !valid_deflated_layout(is)) return false;
  return layout >> layout_bits == 0 && is.transform <= Transform::deflated && is.kind <= 2 &&
         is.plain_size >= 1 && is.plain_size <= most_plain_size &&
         (is.crlf || is.transform != Transform::lines) && (cased || !is.upper_case) &&
         (has_lines(is.transform) ||
          (!is.ends_line && (is.line == 0 || is.transform == Transform::deflated)));
}

bool plain_size_fits(const TransformLayout& layout, std::size_t size) noexcept {
  const bool deflated = layout.transform == Transform::deflated;
  return layout.plain_size <= size * (deflated ? most_deflated_share : most_plain_share);
}

std::optional<std::vector<std::uint8_t>> plain_of(const TransformLayout& layout, Bytes raw) {
  std::optional<std::vector<std::uint8_t>> plain = unwritten(layout, raw);
  if (plain && expands_lines(layout)) plain = without_carriage_returns(*plain);
  if (!plain || plain->empty() || plain->size() > most_plain_size) return std::nullopt;
  std::vector<std::uint8_t> written;
  written.reserve(raw.size());
  if (!append_written(layout, *plain, raw.size(), written)) return std::nullopt;
  if (!std::equal(written.begin(), written.end(), raw.begin(), raw.end())) return std::nullopt;
  return plain;
}

bool append_written(const TransformLayout& layout, Bytes plain, std::size_t size,
                    std::vector<std::uint8_t>& raw) {
  const std::size_t before = raw.size();
  const bool good = expands_lines(layout) ? append(layout, with_carriage_returns(plain), size, raw)
                                          : append(layout, plain, size, raw);
  return good && raw.size() - before == size;
}

}  // namespace ssmz::codec
