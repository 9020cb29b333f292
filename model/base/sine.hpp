// SPDX-License-Identifier: Apache-2.0
// Sine and cosine with the same bits on every machine: plain operations in a fixed order.
#pragma once

#include <cmath>

namespace ssmz::model {

/// Both of x for |x| < 1e4; absolute error < 2e-7 (float, |x| < 10) or 1e-11 (double).
template <class Real>
void sine_cosine(Real x, Real& sine, Real& cosine) noexcept {
  const Real n = std::floor(x * Real(0.636619772367581343) + Real(0.5));
  Real r = x - n * Real(1.5703125);  // pi / 2 in two parts, the first exact in few bits
  r -= n * Real(4.83826794896619231e-4);
  const Real w = r * r;
  Real s = Real(-2.50521083854417188e-8);  // Taylor to r^13 and r^12
  s = s * w + Real(2.75573192239858907e-6);
  s = s * w - Real(1.98412698412698413e-4);
  s = s * w + Real(8.33333333333333333e-3);
  s = s * w - Real(1.66666666666666667e-1);
  s = r + r * w * s;
  Real c = Real(2.08767569878680990e-9);
  c = c * w - Real(2.75573192239858907e-7);
  c = c * w + Real(2.48015873015873016e-5);
  c = c * w - Real(1.38888888888888889e-3);
  c = c * w + Real(4.16666666666666667e-2);
  c = c * w - Real(0.5);
  c = Real(1) + w * c;
  const int quadrant = static_cast<int>(n) & 3;
  const Real a = (quadrant & 1) != 0 ? c : s, b = (quadrant & 1) != 0 ? s : c;
  sine = (quadrant & 2) != 0 ? -a : a;
  cosine = quadrant == 1 || quadrant == 2 ? -b : b;
}

}  // namespace ssmz::model
