// SPDX-License-Identifier: Apache-2.0
// Arrays of big-endian floats of 32 bits, IBM's or IEEE's: what the coming number is expected to be.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codec/predict/least_squares.hpp"

namespace ssmz::codec {

/// Finds such arrays by their exponents, which differ little from number to number, expects each number from
/// those before it by least squares, and says of each bit how likely it then is: what is left after the bits
/// so far is an interval, and the bit's halves of it are shares of a logistic distribution around what is
/// expected, as wide as the errors were. Numbers are weighed by how large those around them are, so that any
/// unit will do. Bit-exact as NormalEquations. Updated once a byte; cost: a few nanoseconds a byte, within
/// arrays 1.5 microseconds a number. FORMAT.
class FloatForecast {
 public:
  static constexpr unsigned predictors = 3;
  static constexpr unsigned inputs = predictors;

  FloatForecast();

  /// Bytes that a forecast takes beside itself.
  [[nodiscard]] static std::uint64_t memory() noexcept;
  void push(std::uint8_t byte);
  /// As push(), of a long repeat: whatever array there was has ended.
  void pass(std::uint8_t byte) noexcept {
    append(byte);
    active_ = false;
  }

  /// Whether the coming byte is one of a number of such an array. What follows is only told then.
  [[nodiscard]] bool active() const noexcept { return active_; }
  /// Place of the coming byte in its number, 0..3.
  [[nodiscard]] unsigned part() const noexcept { return static_cast<unsigned>(position_ - start_) & 3u; }
  /// Bytes of the number so far.
  [[nodiscard]] std::uint32_t so_far() const noexcept {
    return static_cast<std::uint32_t>(bytes_ & ((std::uint64_t{1} << 8 * part()) - 1));
  }
  /// The number as it is expected, without its lowest 8 bits.
  [[nodiscard]] std::uint32_t expected() const noexcept { return expected_; }
  /// The k-th last number, k 1..kept.
  [[nodiscard]] std::uint32_t number(unsigned k) const noexcept { return words_[(count_ - k) % kept]; }
  /// How large the last errors were against the numbers, 0..15, two steps a doubling.
  [[nodiscard]] unsigned errors() const noexcept { return errors_; }
  /// The part and the errors: 0..63.
  [[nodiscard]] unsigned place() const noexcept { return part() * 16 + errors_; }
  /// Of the coming bit, as inputs of a mixer. `value`: the byte's bits so far below a 1; `depth`: how many.
  /// 0 where nothing is known.
  void predict(unsigned value, unsigned depth, float* out) const noexcept;

  static constexpr unsigned kept = 32;  ///< Numbers remembered.

 private:
  struct Predictor {
    unsigned reach = 0;  // numbers that it reads
    LeastSquares squares;
    std::array<float, 16> widths{};  // [errors()]: mean error against the scale
    double expected = 0.0;
  };
  struct Candidate {               // numbers that end at this position modulo 4
    std::uint32_t last = 0;        // the last number
    std::uint32_t likeness = 0;    // share of numbers like their predecessor, 16 bit
    std::uint32_t tables = 0;      // share of numbers that look like those of tables, the same
    std::uint32_t normalised = 0;  // numbers in turn that IBM's format can have written, up to a bound
  };

  void append(std::uint8_t byte) noexcept {
    bytes_ = bytes_ << 8 | byte;
    ++position_;
  }
  [[nodiscard]] bool look(Candidate& candidate, std::uint32_t word) noexcept;
  void end_number(std::uint32_t word);
  void set_format(const Candidate& candidate) noexcept;
  void expect();
  [[nodiscard]] double size_of(std::uint32_t magnitude) const noexcept;
  [[nodiscard]] double value_of(std::uint32_t word) const noexcept;
  [[nodiscard]] std::uint32_t word_of(double value) const noexcept;
  [[nodiscard]] float share_of_one(const Predictor& predictor, std::uint32_t known,
                                   unsigned bits) const noexcept;

  std::uint64_t position_ = 0;
  std::uint64_t start_ = 0;  // of the array
  std::uint32_t bytes_ = 0;  // the last four
  bool active_ = false;
  bool ibm_ = false;  // else IEEE
  std::array<Candidate, 4> candidates_{};
  std::vector<Predictor> predictors_;
  std::array<std::uint32_t, kept> words_{};
  std::array<double, kept> values_{};
  std::uint64_t count_ = 0;
  double scale_ = 1.0;  // of the last numbers: the root of their mean square
  double error_ = 0.0;  // mean of the first predictor's last errors
  unsigned errors_ = 0;
  std::uint32_t expected_ = 0;
};

}  // namespace ssmz::codec
