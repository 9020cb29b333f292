// SPDX-License-Identifier: Apache-2.0
// Streams of LZW codes (Welch 1984) as GIF, TIFF, PDF and Unix' compress write them, and what they hold.
// FORMAT: decoders write the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// How codes stand in bytes, and when they become longer. Values are FORMAT.
enum class LzwForm : std::uint8_t {
  gif = 0,       ///< Lowest bit first (GIF89a, appendix F).
  tiff = 1,      ///< Highest bit first, longer one code early (TIFF 6.0, section 13; PDF's LZWDecode).
  compress = 2,  ///< Lowest bit first, eight codes of one length at a time, no code for the end.
};

/// FORMAT.
struct LzwParameters {
  LzwForm form = LzwForm::gif;
  /// gif: of a symbol, 2..8; tiff: 8; compress: of the longest codes, 10..16.
  std::uint8_t bits = 8;

  [[nodiscard]] bool valid() const noexcept;
  friend bool operator==(const LzwParameters&, const LzwParameters&) = default;
};

/// When the table of strings is cleared: after each `period` codes if more content follows; or, if it is 0,
/// after these numbers of codes, each counted from the clear before.
struct LzwClears {
  std::uint64_t period = 0;
  std::vector<std::uint64_t> told{};
};

/// FORMAT. More are not told: a stream of hardly anything else is left alone.
[[nodiscard]] constexpr std::size_t most_told_clears(std::size_t plain_size) noexcept {
  return 16 + plain_size / 64;
}

struct LzwContent {
  std::vector<std::uint8_t> plain;
  LzwClears clears;
  std::size_t size = 0;  ///< Bytes of the stream.
};

/// What the stream holds that `bytes` begin with, of compress one that they are all of; nothing of what is no
/// stream or holds more than `most_plain` bytes. Linear; adds to `work` bytes read and written.
[[nodiscard]] std::optional<LzwContent> read_lzw(LzwParameters parameters,
                                                 std::span<const std::uint8_t> bytes, std::size_t most_plain,
                                                 std::size_t& work);

/// Appends the stream in which each code is of the longest string that there is, as usual writers choose.
/// False, with something appended, if it would be more than `most` bytes, if a symbol has too many bits, or
/// if not all clears that are told come. Linear.
[[nodiscard]] bool append_lzw(LzwParameters parameters, const LzwClears& clears,
                              std::span<const std::uint8_t> plain, std::size_t most,
                              std::vector<std::uint8_t>& stream);

}  // namespace ssmz::codec
