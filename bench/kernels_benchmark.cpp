// SPDX-License-Identifier: Apache-2.0
// Times each kernel on each instruction set of this machine, at the sizes of the default stack's layers, and
// says how many times longer it takes than its multiply-adds at the machine's peak.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/fma_peak.hpp"
#include "model/base/aligned.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::model {
namespace {

using Numbers = AlignedVector<float>;

// Sizes of a usual layer: width of the residual stream, of the inner channels, tokens of a training chunk.
constexpr std::size_t width = 64;
constexpr std::size_t inner = 128;
constexpr std::size_t tokens = 32;
constexpr std::size_t states = 16;

Numbers numbers(std::size_t count, float low = -1.0f, float high = 1.0f) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(low, high);
  Numbers values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

// A kernel's call on operands it owns, the elements (of matrix products: multiply-adds) one call stands for,
// and how many multiplications, additions or fused pairs of them an element takes; a division counts as one.
struct Case {
  std::string name;
  std::size_t elements;
  double arithmetic;
  std::function<std::function<void()>(const Kernels&)> prepare;
};

template <class Call>
Case elementwise(std::string name, double arithmetic, Call call) {
  return {std::move(name), inner * tokens, arithmetic, [call](const Kernels& kernels) {
            return [call, &kernels, x = numbers(inner * tokens, 0.1f, 4.0f), y = numbers(inner * tokens),
                    z = numbers(inner * tokens), out = Numbers(inner * tokens),
                    out2 = Numbers(inner * tokens)]() mutable {
              call(kernels, x, y, z, out, out2);
              benchmark::DoNotOptimize(out.data());
            };
          }};
}

std::vector<Case> math_cases() {
  using K = const Kernels&;
  using C = const Numbers&;
  using M = Numbers&;
  return {
      elementwise("exp", 10, [](K k, C x, C, C, M out, M) { k.math.exp(x.data(), out.data(), x.size()); }),
      elementwise("sigmoid", 13,
                  [](K k, C x, C, C, M out, M) { k.math.sigmoid(x.data(), out.data(), x.size()); }),
      elementwise("silu", 14, [](K k, C x, C, C, M out, M) { k.math.silu(x.data(), out.data(), x.size()); }),
      elementwise("softplus", 21,
                  [](K k, C x, C, C, M out, M) { k.math.softplus(x.data(), out.data(), x.size()); }),
      elementwise("rsqrt", 2, [](K k, C x, C, C, M out, M) { k.math.rsqrt(x.data(), out.data(), x.size()); }),
      elementwise("softmax", 13,
                  [](K k, C, C, C, M out, M) {
                    for (std::size_t t = 0; t < tokens; ++t) k.math.softmax(out.data() + t * inner, inner);
                  }),
      elementwise(
          "silu_backward", 17,
          [](K k, C x, C y, C, M out, M) { k.math.silu_backward(x.data(), y.data(), out.data(), x.size()); }),
      elementwise("softplus_backward", 14,
                  [](K k, C x, C y, C, M out, M) {
                    k.math.softplus_backward(x.data(), y.data(), out.data(), x.size());
                  }),
      elementwise(
          "multiply", 1,
          [](K k, C x, C y, C, M out, M) { k.math.multiply(x.data(), y.data(), out.data(), x.size()); }),
      elementwise(
          "multiply_add", 1,
          [](K k, C x, C y, C, M out, M) { k.math.multiply_add(x.data(), y.data(), out.data(), x.size()); }),
      elementwise("gate", 15,
                  [](K k, C x, C y, C, M out, M) { k.math.gate(x.data(), y.data(), out.data(), x.size()); }),
      elementwise("gate_backward", 19,
                  [](K k, C x, C y, C z, M out, M out2) {
                    k.math.gate_backward(x.data(), y.data(), z.data(), out.data(), out2.data(), x.size());
                  }),
  };
}

std::vector<Case> linear_cases() {
  const auto prepared = [](auto call) {
    return [call](const Kernels& kernels) {
      return [call, &kernels, w = numbers(inner * inner), x = numbers(inner * tokens),
              y = Numbers(inner * inner)]() mutable {
        call(kernels.linear, w.data(), x.data(), y.data());
        benchmark::DoNotOptimize(y.data());
      };
    };
  };
  using K = const LinearKernels<float>&;
  return {
      {"dot", inner, 1,
       prepared([](K k, const float* w, const float* x, float* y) { *y = k.dot(w, x, inner); })},
      {"axpy", inner, 1,
       prepared([](K k, const float*, const float* x, float* y) { k.axpy(0.5f, x, y, inner); })},
      {"dot_rows", tokens * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         const float* rows[tokens];
         for (std::size_t r = 0; r < tokens; ++r) rows[r] = w + r * width;
         k.dot_rows(x, width, rows, tokens, y);
       })},
      {"axpy_rows", tokens * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         float* rows[tokens];
         for (std::size_t r = 0; r < tokens; ++r) rows[r] = y + r * width;
         k.axpy_rows(x, width, w, rows, tokens);
       })},
      {"matvec", inner * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         k.matvec(w, width, inner, width, x, y, false);
       })},
      {"matvec_t", inner * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         k.matvec_t(w, width, inner, width, x, y, false);
       })},
      {"gemm_nn", tokens * inner * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         k.gemm_nn(x, width, w, inner, y, inner, tokens, inner, width, false);
       })},
      {"gemm_nt", tokens * inner * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         k.gemm_nt(x, width, w, width, y, inner, tokens, inner, width, false);
       })},
      {"gemm_tn", tokens * inner * width, 1, prepared([](K k, const float* w, const float* x, float* y) {
         k.gemm_tn(x, width, w, inner, y, inner, width, inner, tokens, false);
       })},
  };
}

// Rows of a chunk through a normalisation or a convolution, and their gradients.
template <class Call>
Case rows_case(std::string name, double arithmetic, Call call) {
  return {std::move(name), inner * tokens, arithmetic, [call](const Kernels& kernels) {
            return [call, &kernels, x = numbers(inner * tokens), dy = numbers(inner * tokens),
                    weight = numbers(8 * inner), out = Numbers(inner * tokens),
                    out2 = Numbers(inner * tokens), sums = Numbers(8 * inner)]() mutable {
              call(kernels.block, x.data(), dy.data(), weight.data(), out.data(), out2.data(), sums.data());
              benchmark::DoNotOptimize(out.data());
            };
          }};
}

std::vector<Case> rows_cases() {
  using K = const BlockKernels<float>&;
  using C = const float*;
  using M = float*;
  const auto convolution = [](C x, C weight) {
    return Convolution<float>{tokens, inner, x, inner, weight, weight + 3 * inner, weight + 7 * inner};
  };
  return {
      rows_case("rms_norm", 3,
                [](K k, C x, C, C weight, M y, M, M scales) {
                  k.rms_norm(x, weight, y, scales, tokens, inner, 1e-5f);
                }),
      rows_case("rms_norm_backward", 7,
                [](K k, C x, C dy, C weight, M dx, M, M dweight) {
                  k.rms_norm_backward(x, weight, weight + inner, dy, dx, dweight, tokens, inner);
                }),
      rows_case(
          "l2_norm", 2,
          [](K k, C x, C, C, M y, M, M scales) { k.l2_norm(x, y, scales, tokens, inner, 1e-5f, 1.0f); }),
      rows_case("l2_norm_backward", 3,
                [](K k, C x, C dy, C weight, M dx, M, M) {
                  k.l2_norm_backward(x, weight, dy, dx, tokens, inner, 1.0f);
                }),
      rows_case(
          "convolve", 18,
          [=](K k, C x, C, C weight, M y, M pre, M) { k.convolve(convolution(x, weight), pre, y, nullptr); }),
      rows_case("convolve_backward", 26,
                [=](K k, C x, C dy, C weight, M dx, M pre, M sums) {
                  k.convolve_backward(convolution(x, weight), pre, dy, dx, inner, sums, sums + 4 * inner);
                }),
  };
}

Case memory_step_case() {
  return {"memory_step", width * width, 3, [](const Kernels& kernels) {
            return [&kernels, memory = numbers(width * width), k = numbers(width), v = numbers(width),
                    y = Numbers(width)]() mutable {
              kernels.block.memory_step(memory.data(), width, width, 0.99f, k.data(), v.data(), k.data(),
                                        y.data());
              benchmark::DoNotOptimize(y.data());
            };
          }};
}

// Operands of a scan over a chunk; `backward` times its gradient.
Case scan_case(bool backward) {
  return {
      backward ? "selective_scan_backward" : "selective_scan", inner * tokens * states,
      backward ? 21.0 : 14.0, [backward](const Kernels& kernels) {
        return [backward, &kernels, delta = numbers(inner * tokens, 0.01f, 0.1f), x = numbers(inner * tokens),
                mix = numbers(2 * states * tokens), decay = numbers(states * inner, -1.0f, -0.1f),
                skip = numbers(inner), start = numbers(states * inner), y = Numbers(inner * tokens),
                end = Numbers(states * inner), gradient = Numbers(4 * inner * tokens + 2 * states * inner),
                workspace = Numbers(64 * tokens * states)]() mutable {
          const SelectiveScan<float> in{tokens,     inner,      states,       delta.data(), x.data(),
                                        mix.data(), 2 * states, decay.data(), skip.data(),  start.data()};
          if (backward) {
            float* g = gradient.data();
            const SelectiveScanGradient<float> out{g,
                                                   g + inner * tokens,
                                                   g + 2 * inner * tokens,
                                                   g + 3 * inner * tokens,
                                                   g + 3 * inner * tokens + states * inner,
                                                   workspace.data()};
            kernels.block.selective_scan_backward(in, x.data(), out);
          } else {
            kernels.block.selective_scan(in, y.data(), end.data());
          }
          benchmark::DoNotOptimize(y.data());
          benchmark::DoNotOptimize(gradient.data());
        };
      }};
}

std::vector<Case> other_cases() {
  return {memory_step_case(),
          scan_case(false),
          scan_case(true),
          {"sum_squares", inner * tokens, 1,
           [](const Kernels& kernels) {
             return [&kernels, x = numbers(inner * tokens)] {
               benchmark::DoNotOptimize(kernels.optimiser.sum_squares(x.data(), x.size()));
             };
           }},
          {"adam", inner * tokens, 16,
           [](const Kernels& kernels) {
             return [&kernels, w = numbers(inner * tokens), m = Numbers(inner * tokens),
                     v = Numbers(inner * tokens), g = numbers(inner * tokens),
                     step = AdamStep{0.9f, 0.999f, 1e-3f, 1.0f, 1e-16f, 1.0f}]() mutable {
               kernels.optimiser.adam(step, w.data(), m.data(), v.data(), g.data(), w.size());
               benchmark::DoNotOptimize(w.data());
             };
           }},
          {"adam_square", inner * tokens, 12, [](const Kernels& kernels) {
             return [&kernels, w = numbers(inner * tokens), v = Numbers(inner * tokens),
                     g = numbers(inner * tokens),
                     step = AdamStep{0.0f, 0.999f, 1e-3f, 1.0f, 1e-16f, 1.0f}]() mutable {
               kernels.optimiser.adam_square(step, w.data(), v.data(), g.data(), w.size());
               benchmark::DoNotOptimize(w.data());
             };
           }}};
}

void time_case(benchmark::State& state, const Case& kernel, const Kernels& kernels) {
  const ScopedFloatMode mode;
  const std::function<void()> call = kernel.prepare(kernels);
  const double peak = bench::fma_peak(kernels.name), start = bench::processor_seconds();
  for (auto _ : state) call();
  const double seconds = bench::processor_seconds() - start;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kernel.elements));
  const double arithmetic = static_cast<double>(kernel.elements) * kernel.arithmetic;
  if (peak > 0.0) bench::count_peak_times(state, "x_peak", seconds, arithmetic, peak);
}

// One benchmark a kernel and instruction set, named "gemm_nt/avx2"; items are multiply-adds or elements,
// x_peak is time by (arithmetic / peak).
const bool registered = [] {
  for (const std::vector<Case>& group : {linear_cases(), math_cases(), rows_cases(), other_cases()}) {
    for (const Case& kernel : group) {
      for (const char* path : {"scalar", "avx2", "avx512", "neon"}) {
        const Kernels* kernels = kernels_for(path);
        if (kernels == nullptr) continue;
        benchmark::RegisterBenchmark(
            (kernel.name + "/" + path).c_str(),
            [kernel, kernels](benchmark::State& state) { time_case(state, kernel, *kernels); });
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace ssmz::model
