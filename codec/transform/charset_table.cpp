// SPDX-License-Identifier: Apache-2.0
// Charts and what follows from them by rule. FORMAT.
#include "codec/transform/charset_table.hpp"

#include "codec/transform/charts.hpp"
#include "codec/transform/hexadecimal.hpp"
#include "codec/transform/utf8.hpp"

namespace ssmz::codec {
namespace {

constexpr unsigned first_trail = 0xA1;  // of charts of 94 characters a row

constexpr bool within(unsigned value, unsigned first, unsigned last) {
  return value >= first && value <= last;
}

unsigned as_it_is(unsigned lead, unsigned column) { return lead << 8 | (first_trail + column); }

/// Big5 has 63 trail bytes before the 94.
unsigned of_big5(unsigned lead, unsigned column) {
  constexpr unsigned before = 63;
  return lead << 8 | (column < before ? 0x40 + column : first_trail + column - before);
}

/// GBK's further signs lie where its further ideographs do.
unsigned of_gbk_5(unsigned lead, unsigned column) { return lead << 8 | (0x40 + column + (column >= 63)); }

/// Shift-JIS has two rows in one: JIS X 0208, JIS X 0202 and the half-width katakana share the bytes.
unsigned of_shift_jis(unsigned lead, unsigned column) {
  const unsigned row = lead - first_trail, half = row / 2;
  const unsigned shifted = half + (half < 31 ? 0x81 : 0xC1);
  const unsigned trail = row % 2 != 0 ? 0x9F + column : 0x40 + column + (column >= 63);
  return shifted << 8 | trail;
}

bool gbk_3(unsigned trail) { return within(trail, 0x40, 0x7E) || within(trail, 0x80, 0xFE); }
bool gbk_4(unsigned trail) { return within(trail, 0x40, 0x7E) || within(trail, 0x80, 0xA0); }
bool is_letter_trail(unsigned trail) { return within(trail, 0x41, 0x5A) || within(trail, 0x61, 0x7A); }
bool cp949_1(unsigned trail) { return is_letter_trail(trail) || within(trail, 0x81, 0xFE); }
bool cp949_2(unsigned trail) { return is_letter_trail(trail) || within(trail, 0x81, 0xA0); }

}  // namespace

void CharsetTable::lead_range(unsigned first, unsigned last) noexcept {
  for (unsigned byte = first; byte <= last; ++byte) leads_[byte] = true;
}

void CharsetTable::set(unsigned code, std::uint32_t character) noexcept {
  const unsigned lead = code > 0xFF ? code >> 8 : code, trail = code > 0xFF ? code & 0xFFu : 0;
  characters_[lead & 0x7Fu][trail] = static_cast<std::uint16_t>(character);
  codes_[character] = static_cast<std::uint16_t>(code);
}

void CharsetTable::half_width_katakana(unsigned lead) noexcept {
  for (unsigned byte = 0xA1; byte <= 0xDF; ++byte) set(lead << 8 | byte, 0xFF61 + (byte - 0xA1));
}

/// `code(lead, column)` is the pair of a place in the chart.
template <class Code>
void CharsetTable::chart(const char* rows, Code&& code) noexcept {
  for (const char* at = rows; *at != 0;) {
    if (*at == '\n') {
      ++at;
      continue;
    }
    const unsigned lead = hex_value(static_cast<std::uint8_t>(at[0]), true) << 4 |
                          hex_value(static_cast<std::uint8_t>(at[1]), true);
    at += 3;
    for (unsigned column = 0; *at != '\n'; ++column) {
      const auto first = static_cast<std::uint8_t>(*at);
      const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : 3;
      std::uint8_t bytes[3] = {};
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(at[i]);
      at += size;
      if (first == no_character) continue;
      if (const auto character = character_at(std::span(bytes, size)))
        set(code(lead, column), character->value);
    }
  }
}

/// Gives the pairs in turn to the characters from `character` on that have none yet.
template <class HasTrail>
void CharsetTable::fill(unsigned first_lead, unsigned last_lead, std::uint32_t& character,
                        std::uint32_t last_character, HasTrail&& has_trail) noexcept {
  for (unsigned lead = first_lead; lead <= last_lead; ++lead) {
    for (unsigned trail = 0; trail <= 0xFF; ++trail) {
      if (!has_trail(trail)) continue;
      while (character <= last_character && codes_[character] != 0) ++character;
      if (character > last_character) return;
      set(lead << 8 | trail, character);
    }
  }
}

CharsetTable::CharsetTable(Charset charset) noexcept {
  switch (charset) {
    case Charset::gbk: {
      lead_range(0x81, 0xFE);
      chart(gb2312_chart, as_it_is);
      chart(gbk_5_chart, of_gbk_5);
      std::uint32_t character = 0x4E00;
      fill(0x81, 0xA0, character, 0x9FA5, gbk_3);
      fill(0xAA, 0xFE, character, 0x9FA5, gbk_4);
      break;
    }
    case Charset::shift_jis:
      lead_range(0x81, 0x9F);
      lead_range(0xE0, 0xFC);
      half_width_katakana(0);
      chart(jis_x_0208_chart, of_shift_jis);
      break;
    case Charset::euc_jp:
      lead_range(0xA1, 0xFE);
      lead_range(0x8E, 0x8E);
      half_width_katakana(0x8E);
      chart(jis_x_0208_chart, as_it_is);
      break;
    case Charset::big5:
      lead_range(0x81, 0xFE);
      chart(big5_chart, of_big5);
      break;
    case Charset::euc_kr: {
      lead_range(0x81, 0xFE);
      chart(ks_x_1001_chart, as_it_is);
      std::uint32_t character = 0xAC00;
      fill(0x81, 0xA0, character, 0xD7A3, cp949_1);
      fill(0xA1, 0xC6, character, 0xD7A3, cp949_2);
      break;
    }
  }
}

const CharsetTable& CharsetTable::of(Charset charset) {
  // One function-local constant each: programs that meet no such text make none.
  switch (charset) {
    case Charset::gbk: {
      static const CharsetTable table(Charset::gbk);
      return table;
    }
    case Charset::shift_jis: {
      static const CharsetTable table(Charset::shift_jis);
      return table;
    }
    case Charset::euc_jp: {
      static const CharsetTable table(Charset::euc_jp);
      return table;
    }
    case Charset::big5: {
      static const CharsetTable table(Charset::big5);
      return table;
    }
    case Charset::euc_kr: break;
  }
  static const CharsetTable table(Charset::euc_kr);
  return table;
}

}  // namespace ssmz::codec
