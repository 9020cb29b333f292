// SPDX-License-Identifier: Apache-2.0
// The SSM of bytes: an online model that reads what surrounds a byte and says how likely each of 256 is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codec/predict/online_byte.hpp"

namespace ssmz::codec {

/// What a level gives the SSM of bytes. FORMAT, but for threads.
struct ByteSsmOptions {
  std::size_t d_model = 0;  ///< A multiple of 16; 0: there is none.
  int threads = 1;          ///< 2: training on a worker. Never changes a bit.
};

/// What an SSM of bytes reads, beside the last bytes. FORMAT.
enum class ByteSsmReads : std::uint8_t {
  records,    ///< The byte a record earlier, column.
  followers,  ///< What followed the last bytes the last time; bytes further back.
};

/// What is known before a byte is coded.
struct ByteSurroundings {
  std::uint64_t last = 0;      ///< The last four bytes, newest lowest.
  unsigned above = 0;          ///< The byte a record earlier.
  unsigned column = 0;         ///< Place in the record, any number.
  std::uint32_t expected = 0;  ///< The byte that a match expects, or more than 255.
  unsigned place = 0;          ///< Place in what the data are made of, below byte_places.
  /// The bytes that followed the last 2, 3, 4 and 6, or more than 255.
  std::array<std::uint32_t, 4> followers = {};
};

/// Goes on over all blocks of a frame. Not thread-safe. Of each byte: step(), then of each of its decisions
/// predict() and learn(), then end(). Cost at d_model 64: about half of the byte model's own 66 contexts.
class ByteSsm {
 public:
  static constexpr unsigned inputs = OnlineByte::inputs;

  /// Throws std::bad_alloc if memory is short.
  ByteSsm(const ByteSsmOptions& options, ByteSsmReads reads);
  /// From here on it is only copied.
  void freeze() { online_.freeze(); }
  /// Bytes that it takes beside itself.
  [[nodiscard]] static std::uint64_t memory(const ByteSsmOptions& options, ByteSsmReads reads);

  /// Reads what comes before the coming byte.
  void step(const ByteSurroundings& around);
  /// `value`: the byte's bits so far below a 1, 1..255; `depth`: how many they are.
  void predict(unsigned value, unsigned depth, float* out) noexcept { online_.predict(value, depth, out); }
  void learn(unsigned bit) noexcept { online_.learn(bit); }
  /// The byte that came.
  void end(std::uint8_t byte) { online_.end(byte); }

 private:
  ByteSsmReads reads_;
  OnlineByte online_;
};

}  // namespace ssmz::codec
