// SPDX-License-Identifier: Apache-2.0
// A pool of summaries.
#include "model/zoo/summary_pool.hpp"

namespace ssmz::model {

template <class Real>
typename SummaryPool<Real>::Tape SummaryPool<Real>::carve(Carver<Real>& carver, std::size_t length) const {
  Tape tape;
  tape.row = carver.take(all(length) * width_);
  tape.kept = carver.take(all(length));
  tape.scores = carver.take(length * round_up16(all(length)));
  tape.line = carver.take(all(length));
  tape.read = carver.take(length * width_);
  return tape;
}

template <class Real>
void SummaryPool<Real>::load(const Real* start, const Tape& tape) const {
  std::fill_n(tape.row, width_, Real{0});
  std::copy_n(start + kCount, rows_ * width_, tape.row + width_);
  tape.kept[0] = Real{1};
  for (std::size_t i = 0; i < rows_; ++i) {
    tape.kept[1 + i] = static_cast<Real>(rows_ - i) <= start[0] ? Real{1} : Real{0};
  }
}

/// Biases: a token sees the zeros and the newest `rows` of the summaries before it.
template <class Real>
void SummaryPool<Real>::see(std::size_t length, const Tape& tape) const {
  const std::size_t pitch = round_up16(all(length));
  std::fill_n(tape.scores, length * pitch, Real{kShutOut});
  for (std::size_t t = 0; t < length; ++t) {
    tape.scores[t * pitch] = Real{0};
    std::size_t seen = 0;
    for (std::size_t row = 1 + rows_ + t; row-- > 1 && seen < rows_;) {
      if (tape.kept[row] == Real{0}) continue;
      tape.scores[t * pitch + row] = Real{0};
      ++seen;
    }
  }
}

template <class Real>
void SummaryPool<Real>::read(const KernelTable<Real>& kernels, std::size_t length, const Real* q,
                             std::size_t q_stride, const Tape& tape) const {
  see(length, tape);
  attend_rows(kernels, RowHead<Real>{length, all(length), width_, q, q_stride, tape.row, tape.row, width_},
              tape.scores, tape.read, width_, tape.line);
}

template <class Real>
void SummaryPool<Real>::save(Real* end, std::size_t length, const Tape& tape) const {
  std::size_t left = rows_;
  for (std::size_t row = all(length); row-- > 1 && left > 0;) {
    if (tape.kept[row] == Real{0}) continue;
    --left;
    std::copy_n(tape.row + row * width_, width_, end + kCount + left * width_);
  }
  std::fill_n(end + kCount, left * width_, Real{0});
  std::fill_n(end, kCount, Real{0});
  end[0] = static_cast<Real>(rows_ - left);
}

template <class Real>
void SummaryPool<Real>::backward(const KernelTable<Real>& kernels, std::size_t length, const Real* q,
                                 std::size_t q_stride, const Tape& tape, const Real* dread, Real* dq,
                                 Real* dsummary, Real* memory) const {
  Carver<Real> scratch(memory);
  const std::size_t n = all(length) * width_;
  Real *dkeys = scratch.take(n), *dvalues = scratch.take(n),
       *dscores = scratch.take(length * round_up16(all(length)));
  attend_rows_backward(kernels,
                       RowHead<Real>{length, all(length), width_, q, q_stride, tape.row, tape.row, width_},
                       tape.scores, dread, width_, dq, dkeys, dvalues, dscores);
  const std::size_t own = (1 + rows_) * width_;
  std::copy_n(dkeys + own, length * width_, dsummary);
  kernels.linear.axpy(Real{1}, dvalues + own, dsummary, length * width_);
}

template class SummaryPool<float>;
template class SummaryPool<double>;

}  // namespace ssmz::model
