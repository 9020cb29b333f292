// SPDX-License-Identifier: Apache-2.0
// Tells, long before the slow model would, that data is compressed or encrypted already.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ssmz::codec {

/// Looks at segments one after the other and learns from all it examined. Integers only, so that frames are
/// the same everywhere. Text and ordinary binaries cost a histogram (about 1 GB/s); only what looks flat is
/// examined further, at some 20 MB/s, or several times that where much in turn could not be compressed. Holds
/// 1.5 MB once something was examined.
class IncompressibilityProbe {
 public:
  /// True if neither the frequencies of bytes and of their differences nor any of a few one- and two-byte
  /// contexts save 1/64 of `segment`. Segments under min_segment bytes are never called incompressible: there
  /// is too little to judge by.
  [[nodiscard]] bool incompressible(std::span<const std::uint8_t> segment);

  static constexpr std::size_t min_segment = 2048;

 private:
  static constexpr std::size_t context_count = 4;
  /// Rows of a context: the upper half of a byte, and the lower one behind each of 16.
  static constexpr std::uint32_t rows_of_context = 17;
  static constexpr unsigned hashed_rows_log2 = 15;
  static constexpr std::uint32_t hashed_rows = 1u << hashed_rows_log2;

  /// Of half a byte's decisions, by the bits before below a 1. A slot: probability of 1 in the upper 12 bits,
  /// in the lower 4 how often it was seen (which sets the rate).
  struct alignas(32) Row {
    std::array<std::uint16_t, 16> slots;

    [[nodiscard]] static Row unseen() {
      Row row;
      row.slots.fill(0x8000);
      return row;
    }
    /// Cost in 1/4096 bit.
    std::uint32_t code(unsigned half);
  };

  std::uint64_t cost(std::span<const std::uint8_t> segment, std::size_t context);

  std::array<std::vector<Row>, context_count> tables_;
  unsigned in_turn_ = 0;  // segments that could not be compressed
};

/// Fraction, in 1/256, of sampled 8-byte strings of each segment that occur elsewhere in the segments:
/// repeats further apart than the probe's contexts can see. Linear; samples are chosen by content, so any
/// alignment matches.
[[nodiscard]] std::vector<unsigned> repeated_share(std::span<const std::span<const std::uint8_t>> segments);

}  // namespace ssmz::codec
