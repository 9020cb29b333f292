// SPDX-License-Identifier: Apache-2.0
// Linear prediction by least squares over the samples that lie nearby in the rows above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/predict/normal_equations.hpp"

namespace ssmz::codec {

/// Sums are kept for each stripe of a row, of a few pixels; those above and beside a pixel together give its
/// weights, so that what is around counts to both sides, and not only what came last in the row. B. Meyer and
/// P. Tischer, "Glicbawls" (2001), weigh samples by their distance likewise. Floats added in a fixed order.
class LocalLeastSquares {
 public:
  static constexpr unsigned stripe = 2;  ///< Pixels; 4: +0.6 % (90,000 bytes of a photograph).
  /// Of a row; in rows of more pixels stripes are twice as wide, and so on, so that the widest rows there are
  /// take 11 instead of 24 MB. FORMAT.
  static constexpr std::size_t most_stripes = std::size_t{1} << 13;

  /// `interval`: weights are solved anew each so many pixels of a row.
  LocalLeastSquares(unsigned inputs, std::size_t row_pixels, unsigned interval);

  /// Bytes that one takes beside itself.
  [[nodiscard]] static std::uint64_t memory(unsigned inputs, std::size_t row_pixels) noexcept;

  void begin_picture() noexcept;
  /// What pixel `x` of a row is expected to be from these inputs.
  [[nodiscard]] double predict(const double* inputs, std::size_t x) noexcept;
  /// What came where predict() was asked.
  void update(const double* inputs, std::size_t x, double target) noexcept;

 private:
  static constexpr std::size_t reach = 3;  // stripes to either side

  void solve(std::size_t x) noexcept;
  [[nodiscard]] float* sums_of(std::size_t place) noexcept { return &sums_[place * size_]; }

  unsigned count_;
  unsigned interval_;
  std::size_t size_;  // numbers of a stripe
  unsigned stripe_log2_;
  std::vector<float> sums_;  // [reach, stripes, reach][packed]
  std::vector<double> weights_;
  NormalEquations equations_;
};

}  // namespace ssmz::codec
