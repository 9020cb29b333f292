// SPDX-License-Identifier: Apache-2.0
// Turns the inputs of a mixer into the direction in which its weights learn best: shorter along what all
// inputs have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ssmz::codec {

/// Hundreds of contexts say nearly the same of a decision. A step of gradient descent moves their common
/// weight a hundredfold of what it moves the difference of two of them, which is what is to be learned. Here
/// the covariance C of the inputs is followed, and a step goes along (I + C / l)^-1 x instead of x, l being
/// so many times the mean of C's eigenvalues: Newton's step, damped so far that the few largest eigenvectors
/// are all that matters. Arithmetic in float, in the fixed order of model/kernels/kernels.hpp. Not
/// thread-safe. FORMAT.
class Preconditioner {
 public:
  /// `padded`: inputs, a multiple of 16; `rank`: eigenvectors that are followed, at least 1; `compensation`:
  /// what a step is made longer by for what it leaves out. 1: a logit moves as much as without, on the mean;
  /// 0: by nothing.
  Preconditioner(unsigned padded, unsigned rank, float compensation = 1.0f);

  /// Bytes that one takes beside itself.
  [[nodiscard]] static std::uint64_t memory(unsigned padded, unsigned rank) noexcept {
    return (std::uint64_t{padded} * (padded + 2 * rank + 1) + 3 * rank) * sizeof(float);
  }

  /// Learns of `inputs`; returns the direction of a step for them, valid until the next call. Until enough
  /// was learned it is the inputs. Cost: 2 * rank + padded / 32 multiply-adds for each input.
  const float* direction(const float* inputs) noexcept;

 private:
  void add(const float* inputs) noexcept;
  void refresh() noexcept;
  void iterate() noexcept;

  unsigned padded_, rank_;
  float compensation_;
  std::uint64_t updates_ = 0, next_refresh_;
  bool ready_ = false;
  std::vector<float> covariance_;    // [padded][padded], sums
  std::vector<float> vectors_;       // [rank][padded], orthonormal
  std::vector<float> next_vectors_;  // likewise, of refresh()
  std::vector<float> shares_;        // [rank]: of what a vector says, the part that a step leaves out
  std::vector<float> parts_;         // [rank]: of the inputs in hand along each vector
  std::vector<float> values_;        // [rank]: eigenvalues
  float scale_ = 1.0f;               // of a whole step
  std::vector<float> direction_;
};

}  // namespace ssmz::codec
