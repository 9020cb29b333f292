// SPDX-License-Identifier: Apache-2.0
// Cards of FITS, fields of NIfTI, elements of DICOM.
#include "codec/image/volume_headers.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "codec/base/ascii.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/image/picture_region.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t most_size = std::uint64_t{1} << 40;

/// Product of sizes, 0 if one is 0 or it is beyond reason.
std::uint64_t product(std::span<const std::uint64_t> sizes) {
  std::uint64_t all = 1;
  for (const std::uint64_t size : sizes) {
    if (size == 0 || size > most_size / all) return 0;
    all *= size;
  }
  return all;
}

// ---- FITS.

constexpr std::size_t card_size = 80, block_size = 2880;

/// The integer of a card in fixed format, 0 if it has none; `negative` if it is below 0.
std::uint64_t card_value(Bytes card, bool& negative) {
  std::size_t at = 10;
  while (at < 30 && card[at] == ' ') ++at;
  negative = card[at] == '-';
  std::uint64_t value = 0;
  for (at += negative; at < 30 && is_digit(card[at]) && value < most_size; ++at)
    value = value * 10 + (card[at] - std::uint64_t{'0'});
  return value;
}

std::optional<FoundRegion> find_fits(Bytes in) {
  constexpr std::size_t most_cards = 4096;
  std::uint64_t bits = 0, axes = 0;
  std::array<std::uint64_t, 4> sizes{1, 1, 1, 1};
  for (std::size_t at = 0; at + card_size <= in.size() && at < most_cards * card_size; at += card_size) {
    const Bytes card = in.subspan(at, card_size);
    if (begins_with(card, "END     ")) {
      if (axes < 2 || axes > sizes.size() || (bits != 8 && bits != 16)) return {};
      const std::uint64_t offset = (at + card_size + block_size - 1) / block_size * block_size;
      const auto bytes = static_cast<unsigned>(bits / 8);
      return picture_region(in, offset, product(std::array{sizes[0], std::uint64_t{bytes}}),
                            product(std::span(sizes).subspan(1)),
                            {.sample_bytes = bytes, .big_endian = true, .is_signed = bytes == 2});
    }
    bool negative = false;
    const std::uint64_t value = card_value(card, negative);
    if (begins_with(card, "BITPIX  =")) bits = negative ? 0 : value;
    if (begins_with(card, "NAXIS   =")) axes = value;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      if (begins_with(card, "NAXIS") && card[5] == '1' + i && card[6] == ' ') sizes[i] = negative ? 0 : value;
  }
  return {};
}

// ---- NIfTI.

std::optional<FoundRegion> find_nifti(Bytes in) {
  const HeaderReader r{in};
  if (r.number(0, 4) != 348 || r.number(344, 4) != 0x00312B6Eu) return {};
  const std::uint32_t kind = r.number(70, 2), axes = r.number(40, 2);
  const auto offset = std::bit_cast<float>(r.number(108, 4));
  if (!(offset >= 352.0f && offset < 1e6f) || axes < 2 || axes > 7) return {};
  std::array<std::uint64_t, 7> sizes{};
  for (unsigned i = 0; i < axes; ++i) sizes[i] = r.number(42 + 2 * i, 2);
  constexpr std::uint32_t byte = 2, signed_short = 4, unsigned_short = 512;
  if (kind != byte && kind != signed_short && kind != unsigned_short) return {};
  const unsigned bytes = kind == byte ? 1 : 2;
  return picture_region(in, static_cast<std::uint64_t>(offset), sizes[0] * bytes,
                        product(std::span(sizes).subspan(1, axes - 1)),
                        {.sample_bytes = bytes, .is_signed = kind == signed_short});
}

// ---- DICOM.

/// A data element, low bytes first.
struct Element {
  std::uint32_t tag = 0, length = 0;  // group above element
  std::uint64_t value_at = 0;

  static constexpr std::uint32_t undefined = 0xffffffff;
};

Element element_at(const HeaderReader& r, std::uint64_t at, bool implicit) {
  Element is{r.number(at, 2) << 16 | r.number(at + 2, 2), r.number(at + 4, 4), at + 8};
  constexpr std::uint32_t items = 0xfffe, meta = 0x0002;
  const std::uint32_t group = is.tag >> 16;
  if (group == items || (implicit && group != meta)) return is;
  static constexpr std::array<std::string_view, 10> long_ones = {"OB", "OW", "OF", "OD", "OL",
                                                                 "SQ", "UT", "UN", "UC", "UR"};
  const bool is_long = std::any_of(long_ones.begin(), long_ones.end(), [&](std::string_view name) {
    return r.number(at + 4, 1) == static_cast<std::uint8_t>(name[0]) &&
           r.number(at + 5, 1) == static_cast<std::uint8_t>(name[1]);
  });
  is.length = is_long ? r.number(at + 8, 4) : r.number(at + 6, 2);
  is.value_at = at + (is_long ? 12 : 8);
  return is;
}

std::optional<FoundRegion> find_dicom(Bytes in) {
  const HeaderReader r{in};
  constexpr unsigned most_elements = 4096;
  constexpr std::uint32_t syntax = 0x00020010, samples = 0x00280002, planar = 0x00280006, rows = 0x00280010,
                          columns = 0x00280011, bits = 0x00280100, is_signed = 0x00280103,
                          pixels = 0x7fe00010, sequence_end = 0xfffee0dd, items = 0xfffe;
  std::uint32_t channels = 1, by_planes = 0, width = 0, depth = 0, of_sign = 0, height = 0, nested = 0;
  bool implicit = false;
  std::uint64_t at = 4;
  for (unsigned i = 0; i < most_elements && at + 8 <= in.size(); ++i) {
    const Element is = element_at(r, at, implicit);
    at = is.value_at;
    if (is.tag == pixels && nested == 0) {
      if (is.length == Element::undefined || (depth != 8 && depth != 16) || width == 0 || height == 0)
        return {};
      if (by_planes != 0) channels = 1;
      const std::uint64_t row = std::uint64_t{width} * channels * (depth / 8);
      return row == 0 ? std::nullopt
                      : picture_region(in, at, row, is.length / row,
                                       {.sample_bytes = depth / 8,
                                        .channels = channels,
                                        .is_signed = depth == 16 && of_sign != 0});
    }
    if (is.tag == sequence_end && nested > 0) --nested;
    if (is.tag >> 16 == items) continue;  // what is in an item comes next
    if (is.length == Element::undefined) {
      ++nested;
      continue;
    }
    if (is.tag == syntax) implicit = is.length < 20 && r.number(at + 17, 1) == 0;  // 1.2.840.10008.1.2
    if (nested == 0) {
      const std::uint32_t value = r.number(at, 2);
      if (is.tag == samples) channels = value;
      if (is.tag == planar) by_planes = value;
      if (is.tag == rows) height = value;
      if (is.tag == columns) width = value;
      if (is.tag == bits) depth = value;
      if (is.tag == is_signed) of_sign = value;
    }
    at += is.length;
  }
  return {};
}

}  // namespace

std::optional<FoundRegion> find_volume(Bytes in) {
  if (begins_with(in, "SIMPLE  =") || begins_with(in, "XTENSION= 'IMAGE   '")) return find_fits(in);
  if (begins_with(in, "DICM")) return find_dicom(in);
  return begins_with(in, "\x5C\x01") ? find_nifti(in) : std::nullopt;
}

}  // namespace ssmz::codec
