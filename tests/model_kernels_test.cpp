// SPDX-License-Identifier: Apache-2.0
// Kernels: every path of this machine gives the scalar reference's bits, and the elementwise functions keep
// their bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace ssmz::model {
namespace {

using Floats = std::vector<float>;

Floats random_floats(std::size_t n, unsigned seed, float scale = 1.0f) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  Floats out(n);
  for (float& x : out) x = normal(generator);
  return out;
}

std::vector<std::uint32_t> bits_of(const Floats& x) {
  std::vector<std::uint32_t> out;
  for (float value : x) out.push_back(std::bit_cast<std::uint32_t>(value));
  return out;
}

/// Runs `work` on every path and compares all floats it returns with the scalar path's, bit by bit.
void expect_equal_on_all_paths(const std::function<Floats(const Kernels&)>& work) {
  const auto expected = bits_of(work(*kernels_for("scalar")));
  for (const char* path : {"avx2", "avx512", "neon"}) {
    const Kernels* table = kernels_for(path);
    if (table != nullptr) {
      EXPECT_EQ(bits_of(work(*table)), expected) << path;
    }
  }
}

TEST(ModelKernels, ThePathTheEnvironmentNamesIsTaken) {
  if (const char* forced = std::getenv("SSMZ_CPU_PATH")) {
    EXPECT_STREQ(cpu_path_name(), forced);
  }
}

TEST(ModelKernels, DotProductHasTheDocumentedTree) {
  for (std::size_t n : {1u, 7u, 16u, 40u, 333u}) {
    const Floats x = random_floats(n, 1), y = random_floats(n, 2);
    float s[16] = {};
    for (std::size_t i = 0; i < n; ++i) s[i % 16] = std::fma(x[i], y[i], s[i % 16]);
    for (std::size_t width : {8u, 4u, 2u, 1u}) {
      for (std::size_t i = 0; i < width; ++i) s[i] += s[i + width];
    }
    EXPECT_EQ(kernels().linear.dot(x.data(), y.data(), n), s[0]);
  }
}

TEST(ModelKernels, RowKernelsAreBitEqualOnAllPaths) {
  for (std::size_t n : {16u, 48u, 320u, 1024u, 37u}) {
    for (std::size_t count : {1u, 3u, 4u, 13u, 40u}) {
      const Floats x = random_floats(n, 3), data = random_floats(n * count, 4),
                   scale = random_floats(count, 5);
      expect_equal_on_all_paths([&](const Kernels& k) {
        Floats weights = data, out(count);
        std::vector<float*> rows;
        for (std::size_t r = 0; r < count; ++r) rows.push_back(weights.data() + r * n);
        k.linear.dot_rows(x.data(), n, rows.data(), count, out.data());
        k.linear.axpy_rows(x.data(), n, scale.data(), rows.data(), count);
        weights.insert(weights.end(), out.begin(), out.end());
        k.linear.axpy(scale[0], x.data(), weights.data(), n);
        return weights;
      });
    }
  }
}

TEST(ModelKernels, ProductsAreBitEqualOnAllPathsAndCloseToDouble) {
  struct Shape {
    std::size_t m, n, k;
  };
  for (const Shape& s :
       {Shape{32, 128, 64}, Shape{16, 48, 40}, Shape{5, 7, 3}, Shape{33, 129, 17}, Shape{1, 16, 1}}) {
    const Floats a = random_floats(s.m * s.k, 6), b = random_floats(s.k * s.n, 7),
                 start = random_floats(s.m * s.n, 8);
    for (bool accumulate : {false, true}) {
      Floats exact(s.m * s.n);
      for (std::size_t i = 0; i < s.m; ++i) {
        for (std::size_t j = 0; j < s.n; ++j) {
          double sum = accumulate ? start[i * s.n + j] : 0.0;
          for (std::size_t p = 0; p < s.k; ++p) sum += double{a[i * s.k + p]} * b[p * s.n + j];
          exact[i * s.n + j] = static_cast<float>(sum);
        }
      }
      Floats at(a.size()), bt(b.size());
      for (std::size_t i = 0; i < s.m; ++i) {
        for (std::size_t p = 0; p < s.k; ++p) at[p * s.m + i] = a[i * s.k + p];
      }
      for (std::size_t p = 0; p < s.k; ++p) {
        for (std::size_t j = 0; j < s.n; ++j) bt[j * s.k + p] = b[p * s.n + j];
      }
      const auto all = [&](const Kernels& k) {
        Floats nn = start, nt = start, tn = start;
        const auto& l = k.linear;
        l.gemm_nn(a.data(), s.k, b.data(), s.n, nn.data(), s.n, s.m, s.n, s.k, accumulate);
        l.gemm_nt(a.data(), s.k, bt.data(), s.k, nt.data(), s.n, s.m, s.n, s.k, accumulate);
        l.gemm_tn(at.data(), s.m, b.data(), s.n, tn.data(), s.n, s.m, s.n, s.k, accumulate);
        Floats row = start;
        l.matvec_t(b.data(), s.n, s.k, s.n, a.data(), row.data(), accumulate);
        EXPECT_TRUE(std::equal(row.begin(), row.begin() + s.n, nn.begin()));
        Floats column(start.begin(), start.begin() + s.m);
        l.matvec(a.data(), s.k, s.m, s.k, bt.data(), column.data(), accumulate);
        nn.insert(nn.end(), nt.begin(), nt.end());
        nn.insert(nn.end(), tn.begin(), tn.end());
        nn.insert(nn.end(), column.begin(), column.end());
        return nn;
      };
      expect_equal_on_all_paths(all);
      const Floats result = all(kernels());
      for (std::size_t i = 0; i < 3 * s.m * s.n; ++i) EXPECT_NEAR(result[i], exact[i % exact.size()], 2e-5);
    }
  }
}

Floats sweep() {
  Floats x = {-0.0f, 0.0f,   1e-38f, -1e-38f, 1e-45f, 1e30f,    -1e30f,
              87.0f, -87.0f, 88.0f,  -88.5f,  NAN,    INFINITY, -INFINITY};
  for (float v = -95.0f; v < 95.0f; v += 0.00371f) x.push_back(v);
  for (float v = 1e-7f; v < 1.0f; v *= 1.01f) {
    x.push_back(v);
    x.push_back(-v);
  }
  return x;
}

TEST(ModelKernels, ElementwiseFunctionsAreBitEqualOnAllPaths) {
  expect_equal_on_all_paths([](const Kernels& k) {
    Floats x = sweep(), out;
    x.erase(std::remove_if(x.begin(), x.end(), [](float v) { return std::isnan(v) || std::isinf(v); }),
            x.end());
    Floats y(x.size());
    for (auto function : {k.math.exp, k.math.sigmoid, k.math.silu, k.math.softplus}) {
      function(x.data(), y.data(), x.size());
      out.insert(out.end(), y.begin(), y.end());
    }
    for (float& v : x) v = std::fabs(v) + 1e-30f;
    k.math.rsqrt(x.data(), y.data(), x.size());
    out.insert(out.end(), y.begin(), y.end());
    return out;
  });
}

void expect_relative_error(void (*function)(const float*, float*, std::size_t), double (*exact)(double),
                           double low, double high, double bound) {
  for (double v : sweep()) {
    if (!(v > low && v < high)) continue;
    const float x = static_cast<float>(v);
    float y;
    function(&x, &y, 1);
    EXPECT_LE(std::fabs(y - exact(x)), bound * std::fabs(exact(x)) + 1e-44) << "at " << x;
  }
}

TEST(ModelKernels, ElementwiseFunctionsKeepTheirErrorBounds) {
  const MathKernels<float>& m = kernels().math;
  expect_relative_error(
      m.exp, [](double x) { return std::exp(x); }, -87.0, 88.0, 2e-7);
  expect_relative_error(
      m.sigmoid, [](double x) { return 1.0 / (1.0 + std::exp(-x)); }, -87.0, 1e30, 4e-7);
  expect_relative_error(
      m.silu, [](double x) { return x / (1.0 + std::exp(-x)); }, -87.0, 1e30, 5e-7);
  expect_relative_error(
      m.softplus, [](double x) { return x > 40 ? x : std::log1p(std::exp(x)); }, -87.0, 1e30, 5e-7);
  expect_relative_error(
      m.rsqrt, [](double x) { return 1.0 / std::sqrt(x); }, 1e-37, 1e30, 2e-7);
}

TEST(ModelKernels, ElementwiseFunctionsAreFiniteForAnyArgument) {
  for (float x : {NAN, INFINITY, -INFINITY, 1e38f, -1e38f}) {
    for (auto function : {kernels().math.exp, kernels().math.sigmoid}) {
      float y;
      function(&x, &y, 1);
      EXPECT_TRUE(std::isfinite(y)) << x;
    }
  }
}

TEST(ModelKernels, AdamIsBitEqualOnAllPathsAndClearsTheGradient) {
  const std::size_t n = 77;
  expect_equal_on_all_paths([&](const Kernels& k) {
    Floats w = random_floats(n, 1), m = random_floats(n, 2, 1e-3f), v(n, 1e-6f), g = random_floats(n, 3);
    m[0] = 1e-31f;
    g[0] = 0.0f;
    k.optimiser.adam({0.9f, 0.99f, 1e-3f, 1.7f, 1e-16f, 0.5f}, w.data(), m.data(), v.data(), g.data(), n);
    EXPECT_EQ(g, Floats(n, 0.0f));
    EXPECT_EQ(m[0], 0.0f);
    w.insert(w.end(), m.begin(), m.end());
    w.insert(w.end(), v.begin(), v.end());
    w.push_back(k.optimiser.sum_squares(w.data(), n));
    return w;
  });
}

TEST(ModelKernels, AdamWithoutMomentumIsAdamWithBeta1OfZero) {
  const std::size_t n = 77;
  const AdamStep step{0.0f, 0.99f, 1e-3f, 1.7f, 1e-16f, 0.5f};
  expect_equal_on_all_paths([&](const Kernels& k) {
    Floats w = random_floats(n, 1), v(n, 1e-6f), g = random_floats(n, 3);
    Floats w2 = w, m2 = random_floats(n, 2), v2 = v, g2 = g;
    k.optimiser.adam_square(step, w.data(), v.data(), g.data(), n);
    k.optimiser.adam(step, w2.data(), m2.data(), v2.data(), g2.data(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(w[i], w2[i], 1e-6f);
    EXPECT_EQ(v, v2);
    EXPECT_EQ(g, Floats(n, 0.0f));
    w.insert(w.end(), v.begin(), v.end());
    return w;
  });
}

/// A matrix of 8 bits drawn at random, in the kernels' layout.
struct RandomInt8 {
  std::vector<std::int8_t> codes;
  Floats scales;

  RandomInt8(std::size_t rows, std::size_t cols, unsigned seed)
      : codes(int8_groups(rows) * kInt8Group * ((cols + 15) / 16 * 16)),
        scales(random_floats(codes.size() / kInt8Group, seed, 0.01f)) {
    std::mt19937 generator(seed);
    std::uniform_int_distribution<int> code(-127, 127);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < cols; ++c)
        codes[int8_code_at(rows, r, c)] = static_cast<std::int8_t>(code(generator));
    }
  }
};

TEST(ModelKernels, ProductsInEightBitsAreBitEqualOnAllPathsAndCloseToDouble) {
  struct Shape {
    std::size_t length, rows, cols;
  };
  for (const Shape& s : {Shape{1, 64, 48}, Shape{7, 96, 16}, Shape{4, 33, 50}, Shape{9, 16, 5}}) {
    const RandomInt8 w(s.rows, s.cols, 3);
    const Int8Matrix<float> matrix{s.rows, s.cols, w.codes.data(), w.scales.data()};
    const Floats x = random_floats(s.length * s.rows, 4), start = random_floats(s.length * s.cols, 5);
    const std::size_t groups = int8_groups(s.rows);
    for (const bool rounded : {false, true}) {
      const auto work = [&](const Kernels& k) {
        Floats y = start;
        std::vector<std::int16_t> codes(s.length * groups * kInt8Group);
        Floats scales(s.length * groups);
        for (std::size_t t = 0; t < s.length; ++t)
          k.int8.quantise(x.data() + t * s.rows, s.rows, codes.data() + t * groups * kInt8Group,
                          scales.data() + t * groups);
        for (const bool accumulate : {true, false, true}) {
          if (rounded) {
            k.int8.gemm(matrix, codes.data(), scales.data(), s.length, y.data(), s.cols, accumulate);
          } else {
            k.int8.gemm_weights(matrix, x.data(), s.rows, s.length, y.data(), s.cols, accumulate);
          }
        }
        y.insert(y.end(), scales.begin(), scales.end());
        y.insert(y.end(), codes.begin(), codes.end());
        return y;
      };
      expect_equal_on_all_paths(work);
      const Floats y = work(kernels());
      for (std::size_t t = 0; t < s.length; ++t) {
        for (std::size_t c = 0; c < s.cols; ++c) {
          double sum = 0, size = 0;
          for (std::size_t r = 0; r < s.rows; ++r) {
            const double product = double{x[t * s.rows + r]} * w.codes[int8_code_at(s.rows, r, c)] *
                                   w.scales[int8_scale_at(s.rows, r, c)];
            sum += 2 * product;
            size += std::fabs(product);
          }
          EXPECT_NEAR(y[t * s.cols + c], sum, size * (rounded ? 0.03 : 1e-5));
        }
      }
    }
  }
}

TEST(ModelKernels, RoundingToEightBitsKeepsTheGreatestAndStandsNaN) {
  for (const char* path : {"scalar", "avx2", "avx512", "neon"}) {
    const Kernels* k = kernels_for(path);
    if (k == nullptr) continue;
    Floats x(40, 0.0f);
    for (std::size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(i) - 20.5f;
    x[35] = -3.0f;
    std::vector<std::int16_t> codes(64, 1);
    Floats scales(2);
    k->int8.quantise(x.data(), x.size(), codes.data(), scales.data());
    EXPECT_EQ(codes[0], -127);
    EXPECT_EQ(codes[35], -127);
    EXPECT_EQ(codes[36], 0);
    EXPECT_EQ(codes[63], 0);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(codes[i] * scales[i / 32], x[i], scales[i / 32] * 0.51f);
    x[3] = std::nanf("");
    k->int8.quantise(x.data(), x.size(), codes.data(), scales.data());
    for (const std::int16_t code : codes) EXPECT_LE(std::abs(code), 127);
  }
}

}  // namespace
}  // namespace ssmz::model
