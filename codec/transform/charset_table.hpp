// SPDX-License-Identifier: Apache-2.0
// Which characters the bytes of double-byte character sets stand for.
#pragma once

#include <array>
#include <cstdint>

#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// Both ways of one character set. Bytes below 80 hexadecimal stand for themselves, always; others alone or
/// in pairs for characters beyond ASCII, at most FFFF, each in one way.
class CharsetTable {
 public:
  /// Made when it is first asked for: 0.1 ms, 192 KiB.
  [[nodiscard]] static const CharsetTable& of(Charset charset);

  /// What a byte from 80 on stands for alone; 0: nothing.
  [[nodiscard]] std::uint16_t single(std::uint8_t byte) const noexcept {
    return characters_[byte & 0x7Fu][0];
  }
  /// What two bytes stand for, the first one from 80 on; 0: nothing.
  [[nodiscard]] std::uint16_t pair(std::uint8_t lead, std::uint8_t trail) const noexcept {
    return trail == 0 ? std::uint16_t{0} : characters_[lead & 0x7Fu][trail];
  }
  /// True of a byte that the set begins pairs with, whether it has characters there or not.
  [[nodiscard]] bool leads(std::uint8_t byte) const noexcept { return leads_[byte]; }
  /// The byte (below 100 hexadecimal) or pair of a character; 0: none.
  [[nodiscard]] std::uint16_t code(std::uint32_t character) const noexcept {
    return character < codes_.size() ? codes_[character] : std::uint16_t{0};
  }

 private:
  explicit CharsetTable(Charset charset) noexcept;
  void lead_range(unsigned first, unsigned last) noexcept;
  void set(unsigned code, std::uint32_t character) noexcept;
  void half_width_katakana(unsigned lead) noexcept;
  template <class Code>
  void chart(const char* rows, Code&& code) noexcept;
  template <class HasTrail>
  void fill(unsigned first_lead, unsigned last_lead, std::uint32_t& character, std::uint32_t last_character,
            HasTrail&& has_trail) noexcept;

  std::array<std::array<std::uint16_t, 256>, 128> characters_{};  // by lead and trail; by 0: alone
  std::array<std::uint16_t, 65536> codes_{};
  std::array<bool, 256> leads_{};
};

}  // namespace ssmz::codec
