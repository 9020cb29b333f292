// SPDX-License-Identifier: Apache-2.0
// Huffman codes and the bits behind them in the data of a scan, where a zero is stuffed behind each FF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "codec/jpeg/jpeg_huffman.hpp"

namespace ssmz::codec {

/// The last byte of the restart marker that stands before MCU number `mcu` of a scan.
[[nodiscard]] constexpr std::uint8_t restart_marker(std::uint64_t mcu, std::uint32_t interval) noexcept {
  return static_cast<std::uint8_t>(0xd0 + (mcu / interval - 1) % 8);
}
[[nodiscard]] constexpr bool restarts_before(std::uint64_t mcu, std::uint32_t interval) noexcept {
  return interval != 0 && mcu != 0 && mcu % interval == 0;
}

/// Not thread-safe. `in` must outlive it. All that read are false if what they want is not there.
class ScanBitReader {
 public:
  /// `bit`: of the first byte, 0..7.
  explicit ScanBitReader(std::span<const std::uint8_t> in, unsigned bit = 0) : in_(in), bit_(bit) {}

  [[nodiscard]] bool read_symbol(const JpegHuffman& code, unsigned& symbol) noexcept;
  /// At most 16 bits.
  [[nodiscard]] bool read_bits(unsigned bits, std::uint32_t& value) noexcept;
  /// A value of so many bits as T.81 writes them, at most 16: those below half of them are negative.
  [[nodiscard]] bool read_value(unsigned bits, int& value) noexcept;
  /// Goes to the end of a byte that is begun. What is left of it must be alike, and as `padding`, which is
  /// set if it is not yet.
  [[nodiscard]] bool align(std::optional<bool>& padding) noexcept;
  /// What is left of the byte, and that marker.
  [[nodiscard]] bool read_restart(std::uint8_t marker, std::optional<bool>& padding) noexcept;

  /// The byte in hand, and how many of its bits have been read.
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] unsigned bit() const noexcept { return bit_; }

 private:
  [[nodiscard]] std::uint32_t peek() const noexcept;
  bool skip(unsigned bits) noexcept;

  std::span<const std::uint8_t> in_;
  std::size_t at_ = 0;
  unsigned bit_;
};

/// Appends whole bytes; one that is begun waits. Not thread-safe. FORMAT.
class ScanBitWriter {
 public:
  /// Goes on behind the first `bit` bits of `begun`; what follows them in it is ignored.
  explicit ScanBitWriter(unsigned bit = 0, std::uint8_t begun = 0) : byte_(begun >> (8 - bit)), bit_(bit) {}

  /// At most 16 bits.
  void put(std::uint32_t bits, unsigned count, std::vector<std::uint8_t>& out);
  /// False if the symbol has no code.
  [[nodiscard]] bool put_symbol(const JpegHuffman& code, unsigned symbol, std::vector<std::uint8_t>& out);
  /// The symbol of a run of zeros and of how many bits `value` has, and these.
  [[nodiscard]] bool put_value(const JpegHuffman& code, unsigned run, int value,
                               std::vector<std::uint8_t>& out);
  /// Fills a byte that is begun.
  void align(bool padding, std::vector<std::uint8_t>& out);
  void put_restart(std::uint8_t marker, bool padding, std::vector<std::uint8_t>& out);

  [[nodiscard]] unsigned bit() const noexcept { return bit_; }
  /// The byte that is begun, filled with ones.
  [[nodiscard]] std::uint8_t begun() const noexcept {
    return static_cast<std::uint8_t>(byte_ << (8 - bit_) | 0xffu >> bit_);
  }

 private:
  std::uint32_t byte_;  // the bits of it that there are
  unsigned bit_;
};

}  // namespace ssmz::codec
