// SPDX-License-Identifier: Apache-2.0
// Layer stacks: gradients against finite differences in double, chunk against step, carried state, bit-equal
// paths, parsing.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "model/stack.hpp"

namespace ssmz::model {
namespace {

/// A stack with all its arrays, and a chunk of random input.
template <class Real>
struct Rig {
  Stack<Real> stack;
  const KernelTable<Real>& kernels;
  std::size_t length;
  AlignedVector<Real> parameters, prepared, state, end, scratch, tape, x, h, weight, dx, gradient;

  Rig(const char* text, std::size_t d, std::size_t tokens, const KernelTable<Real>& table, float noise = 0.3f)
      : stack(Stack<Real>::create(text, d, tokens).value()), kernels(table), length(tokens) {
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
  }

  StackChunk<Real> chunk() { return {&kernels, scratch.data(), tape.data(), length, 0, nullptr}; }
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
      stack.step(kernels, weights(), state.data(), token.data(), out.data(), scratch.data(), 0, 0.0f);
    }
  }
};

/// Compares the analytic gradient with central differences on parameters and inputs drawn at random.
void expect_exact_gradient(const char* text, std::size_t d = 16, std::size_t length = 7) {
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

void expect_step_equals_chunk(const char* text, float tolerance) {
  SCOPED_TRACE(text);
  Rig<float> rig(text, 32, 24, kernels());
  rig.warm_up();
  AlignedVector<float> state = rig.state, out(32);
  rig.loss();
  for (std::size_t t = 0; t < rig.length; ++t) {
    rig.stack.step(kernels(), rig.weights(), state.data(), rig.x.data() + t * 32, out.data(),
                   rig.scratch.data(), t, 0.0f);
    for (std::size_t i = 0; i < 32; ++i) ASSERT_NEAR(out[i], rig.h[t * 32 + i], tolerance) << t;
  }
  for (std::size_t i = 0; i < state.size(); ++i) ASSERT_NEAR(state[i], rig.end[i], tolerance * 4) << i;
}

void expect_equal_paths(const char* text) {
  SCOPED_TRACE(text);
  Rig<float> reference(text, 48, 20, *kernels_for("scalar"));
  reference.differentiate();
  for (const char* path : {"avx2", "avx512", "neon"}) {
    const Kernels* table = kernels_for(path);
    if (table == nullptr) continue;
    Rig<float> rig(text, 48, 20, *table);
    rig.differentiate();
    const auto same = [](const AlignedVector<float>& a, const AlignedVector<float>& b) {
      return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(reference.h, rig.h)) << path;
    EXPECT_TRUE(same(reference.end, rig.end)) << path;
    EXPECT_TRUE(same(reference.dx, rig.dx)) << path;
    EXPECT_TRUE(same(reference.gradient, rig.gradient)) << path;
  }
}

void expect_bounded_state(const char* text, int tokens) {
  SCOPED_TRACE(text);
  Rig<float> rig(text, 32, 4, kernels());
  Random random(5);
  AlignedVector<float> token(32), out(32);
  for (int t = 0; t < tokens; ++t) {
    for (float& value : token) value = random.normal();
    rig.stack.step(kernels(), rig.weights(), rig.state.data(), token.data(), out.data(), rig.scratch.data(),
                   t, 0.0f);
  }
  for (float value : rig.state) ASSERT_LT(std::fabs(value), 1e4f);
  for (float value : out) ASSERT_LT(std::fabs(value), 100.0f);
}

const char* const kStacks[] = {"mlp:32", "s6:e32,n4", "s6:e48,n16,r3 | mlp:48 | s6:n5"};

TEST(ModelStack, GradientsAreExact) {
  for (const char* text : kStacks) expect_exact_gradient(text);
}

TEST(ModelStack, StepAndChunkAgree) {
  for (const char* text : kStacks) expect_step_equals_chunk(text, 2e-5f);
}

TEST(ModelStack, AllPathsGiveEqualBits) {
  for (const char* text : kStacks) expect_equal_paths(text);
}

TEST(ModelStack, StateStaysBoundedOverManyTokens) {
  for (const char* text : kStacks) expect_bounded_state(text, 20000);
}

TEST(ModelStack, ParameterNamesAndShapesAreTold) {
  const auto stack = Stack<float>::create("s6:n8|mlp:64", 32, 16);
  ASSERT_TRUE(stack.ok());
  const auto& specs = stack.value().parameters().specs();
  EXPECT_EQ(specs.front().name, "blocks.0.norm");
  EXPECT_EQ(specs[1].name, "blocks.0.s6.in");
  EXPECT_EQ(specs[1].shape, (std::vector<std::size_t>{32, 128}));
  EXPECT_EQ(specs.back().name, "norm");
}

TEST(ModelStack, WrongDescriptionsAreRefusedWithAReason) {
  struct Case {
    const char* text;
    const char* message;
    std::size_t position;
  };
  for (const Case& c :
       {Case{"", "a layer's name is missing", 0}, Case{"s6 |", "a layer's name is missing", 4},
        Case{"s6|nosuch", "there is no layer called 'nosuch'", 3},
        Case{"s6:q3", "option 'q' is unknown to this layer", 3},
        Case{"s6:n0", "option 'n' is out of range", 3}, Case{"s6:n4,n5", "option 'n' is given twice", 6},
        Case{"s6:e40", "option 'e' must be a multiple of 16", 3},
        Case{"s6:n", "option 'n' needs one number", 3},
        Case{"s6:n1.5", "option 'n' must be a whole number", 3},
        Case{"s6:n4,", "unexpected character in an option", 5},
        Case{"s6:n4;e32", "unexpected character in an option", 5}}) {
    const auto stack = Stack<float>::create(c.text, 32, 16);
    ASSERT_FALSE(stack.ok()) << c.text;
    EXPECT_EQ(stack.failure().message, c.message) << c.text;
    EXPECT_EQ(stack.failure().position, c.position) << c.text;
  }
  EXPECT_FALSE(Stack<float>::create("s6", 33, 16).ok());
  EXPECT_FALSE(Stack<float>::create("s6", 32, 0).ok());
}

}  // namespace
}  // namespace ssmz::model
