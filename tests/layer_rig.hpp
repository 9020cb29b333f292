// SPDX-License-Identifier: Apache-2.0
// What every layer must show, as functions over a stack's text: exact gradients, step and chunk that agree,
// equal bits on all paths, bounded state.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "model/layers/stack.hpp"
#include "model/zoo/all_layers.hpp"

namespace ssmz::model {

/// A stack with all its arrays, and a chunk of random input.
template <class Real>
struct Rig {
  Stack<Real> stack;
  const KernelTable<Real>& kernels;
  std::size_t length;
  AlignedVector<Real> parameters, prepared, state, end, scratch, tape, x, h, weight, dx, gradient;
  std::vector<float> surprise;

  Rig(const char* text, std::size_t d, std::size_t tokens, const KernelTable<Real>& table, float noise = 0.3f)
      : stack(Stack<Real>::create(text, d, tokens, all_layers()).value()), kernels(table), length(tokens) {
    const StackSizes& s = stack.sizes();
    Random random(7);
    parameters.resize(s.parameters);
    stack.initialise(random, parameters.data());
    for (const ParameterSpec& spec : stack.parameters().specs()) {
      for (std::size_t i = 0; i < spec.size; ++i)
        parameters[spec.offset + i] += Real{noise * 0.1f * random.normal()};
    }
    prepared.resize(s.prepared);
    stack.prepare(kernels, parameters.data(), prepared.data());
    state.resize(s.state);
    stack.reset(state.data());
    end.resize(s.state);
    scratch.resize(s.step_scratch + s.chunk_scratch);
    tape.resize(s.tape);
    gradient.resize(s.parameters);
    for (auto* v : {&x, &h, &weight, &dx}) v->resize(tokens * d);
    for (Real& value : x) value = random.normal();
    for (Real& value : weight) value = random.normal();
    for (std::size_t t = 0; t < tokens; ++t) surprise.push_back(random.uniform(0.0f, 16.0f));
  }

  StackChunk<Real> chunk() { return {&kernels, scratch.data(), tape.data(), length, 0, surprise.data()}; }
  LayerWeights<Real> weights() const { return {parameters.data(), prepared.data()}; }

  /// Sum of weight * h over the chunk.
  Real loss() {
    stack.prepare(kernels, parameters.data(), prepared.data());
    stack.forward(chunk(), weights(), state.data(), end.data(), x.data(), h.data());
    Real sum = 0;
    for (std::size_t i = 0; i < h.size(); ++i) sum += weight[i] * h[i];
    return sum;
  }
  void differentiate() {
    std::fill(gradient.begin(), gradient.end(), Real{0});
    loss();
    stack.backward(chunk(), weights(), state.data(), weight.data(), dx.data(), gradient.data());
  }
  /// Runs other tokens first, so that the start state is not zero.
  void warm_up() {
    Random random(11);
    AlignedVector<Real> token(stack.width()), out(stack.width());
    for (int t = 0; t < 40; ++t) {
      for (Real& value : token) value = random.normal();
      stack.step(kernels, weights(), state.data(), token.data(), out.data(), scratch.data(), 0,
                 random.uniform(0.0f, 16.0f));
    }
  }
};

/// Compares the analytic gradient with central differences on parameters and inputs drawn at random.
inline void expect_exact_gradient(const char* text, std::size_t d = 16, std::size_t length = 7) {
  SCOPED_TRACE(text);
  Rig<double> rig(text, d, length, double_kernels());
  rig.warm_up();
  rig.differentiate();
  Random random(3);
  const double step = 1e-5;
  const auto check = [&](double& value, double analytic, const std::string& name) {
    const double before = value;
    value = before + step;
    const double up = rig.loss();
    value = before - step;
    const double down = rig.loss();
    value = before;
    const double numeric = (up - down) / (2 * step);
    EXPECT_NEAR(analytic, numeric, 1e-4 * std::max(0.01, std::fabs(numeric))) << name;
  };
  const AlignedVector<double> gradient = rig.gradient, dx = rig.dx;
  for (const ParameterSpec& spec : rig.stack.parameters().specs()) {
    for (int k = 0; k < 12; ++k) {
      const std::size_t i = spec.offset + random.below(static_cast<std::uint32_t>(spec.size));
      check(rig.parameters[i], gradient[i], spec.name);
    }
  }
  for (int k = 0; k < 20; ++k) {
    const std::size_t i = random.below(static_cast<std::uint32_t>(rig.x.size()));
    check(rig.x[i], dx[i], "input");
  }
}

inline void expect_step_equals_chunk(const char* text, float tolerance) {
  SCOPED_TRACE(text);
  Rig<float> rig(text, 32, 24, kernels());
  rig.warm_up();
  AlignedVector<float> state = rig.state, out(32);
  rig.loss();
  for (std::size_t t = 0; t < rig.length; ++t) {
    rig.stack.step(kernels(), rig.weights(), state.data(), rig.x.data() + t * 32, out.data(),
                   rig.scratch.data(), t, rig.surprise[t]);
    for (std::size_t i = 0; i < 32; ++i) ASSERT_NEAR(out[i], rig.h[t * 32 + i], tolerance) << t;
  }
  for (std::size_t i = 0; i < state.size(); ++i) ASSERT_NEAR(state[i], rig.end[i], tolerance * 4) << i;
}

inline void expect_equal_paths(const char* text) {
  SCOPED_TRACE(text);
  Rig<float> reference(text, 48, 20, *kernels_for("scalar"));
  reference.differentiate();
  for (const char* path : {"avx2", "avx512", "neon"}) {
    const Kernels* table = kernels_for(path);
    if (table == nullptr) continue;
    Rig<float> rig(text, 48, 20, *table);
    rig.differentiate();
    const auto same = [](const AlignedVector<float>& a, const AlignedVector<float>& b) {
      return a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(reference.h, rig.h)) << path;
    EXPECT_TRUE(same(reference.end, rig.end)) << path;
    EXPECT_TRUE(same(reference.dx, rig.dx)) << path;
    EXPECT_TRUE(same(reference.gradient, rig.gradient)) << path;
  }
}

/// Runs `usual` random tokens, or as many as the environment's SSMZ_BOUNDED_TOKENS asks for.
inline void expect_bounded_state(const char* text, int usual) {
  SCOPED_TRACE(text);
  const char* asked = std::getenv("SSMZ_BOUNDED_TOKENS");
  const int tokens = asked != nullptr ? std::atoi(asked) : usual;
  Rig<float> rig(text, 32, 4, kernels());
  Random random(5);
  AlignedVector<float> token(32), out(32);
  for (int t = 0; t < tokens; ++t) {
    for (float& value : token) value = random.normal();
    rig.stack.step(kernels(), rig.weights(), rig.state.data(), token.data(), out.data(), rig.scratch.data(),
                   t, random.uniform(0.0f, 16.0f));
  }
  float most = 0.0f;
  for (float value : rig.state) {
    ASSERT_LT(std::fabs(value), 1e4f);
    most = std::max(most, std::fabs(value));
  }
  for (float value : out) ASSERT_LT(std::fabs(value), 100.0f);
  if (asked != nullptr) std::printf("%-60s %d tokens, greatest state %.3g\n", text, tokens, most);
}

}  // namespace ssmz::model
