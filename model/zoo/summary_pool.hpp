// SPDX-License-Identifier: Apache-2.0
// A pool of summaries, the newest displacing the oldest, that tokens attend to (MemMamba, LAYERS.md 9).
#pragma once

#include "model/layers/layer.hpp"
#include "model/zoo/row_attention.hpp"

namespace ssmz::model {

/// Bookkeeping of one pool over a chunk: what is in it before each token, and the attention of the tokens to
/// it and to a row of zeros, which an empty pool leaves alone. State: how many rows there are [16], then the
/// rows, the newest last. A token sees the newest `rows` summaries of tokens before it.
template <class Real>
class SummaryPool {
 public:
  struct Tape {
    Real* row;     ///< [1 + rows + T, width]: zeros, the pool, the chunk's own
    Real* kept;    ///< [1 + rows + T]: 1 for rows there are
    Real* scores;  ///< [T x pitch]
    Real* line;    ///< [1 + rows + T]
    Real* read;    ///< [T x width]: what the tokens read
  };

  /// `width` is a multiple of 16.
  SummaryPool(std::size_t rows, std::size_t width) : rows_(rows), width_(width) {}

  [[nodiscard]] std::size_t state() const noexcept { return kCount + round_up16(rows_ * width_); }
  [[nodiscard]] Tape carve(Carver<Real>& carver, std::size_t length) const;
  /// Elements backward() needs as scratch.
  [[nodiscard]] std::size_t scratch(std::size_t length) const noexcept {
    return 2 * all(length) * width_ + length * round_up16(all(length));
  }

  /// Takes the pool as it was before the chunk.
  void load(const Real* start, const Tape& tape) const;
  /// The chunk's summary of token t, to be filled by the caller.
  [[nodiscard]] Real* summary(std::size_t t, const Tape& tape) const {
    return tape.row + (1 + rows_ + t) * width_;
  }
  /// Whether token t leaves its summary in the pool.
  void let_in(std::size_t t, bool in, const Tape& tape) const {
    tape.kept[1 + rows_ + t] = in ? Real{1} : Real{0};
  }
  [[nodiscard]] bool is_in(std::size_t t, const Tape& tape) const {
    return tape.kept[1 + rows_ + t] != Real{0};
  }
  /// After all summaries: fills tape.read for queries q, rows `q_stride` apart.
  void read(const KernelTable<Real>& kernels, std::size_t length, const Real* q, std::size_t q_stride,
            const Tape& tape) const;
  /// Writes the pool as it is after the chunk.
  void save(Real* end, std::size_t length, const Tape& tape) const;

  /// Writes dq (rows `q_stride` apart) and dsummary [T x width], 0 for those not let in.
  void backward(const KernelTable<Real>& kernels, std::size_t length, const Real* q, std::size_t q_stride,
                const Tape& tape, const Real* dread, Real* dq, Real* dsummary, Real* scratch) const;

 private:
  static constexpr std::size_t kCount = 16;  ///< Elements of the state before the rows.
  [[nodiscard]] std::size_t all(std::size_t length) const noexcept { return 1 + rows_ + length; }
  void see(std::size_t length, const Tape& tape) const;

  std::size_t rows_, width_;
};

extern template class SummaryPool<float>;
extern template class SummaryPool<double>;

}  // namespace ssmz::model
