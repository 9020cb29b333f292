// SPDX-License-Identifier: Apache-2.0
// Every further layer keeps the promises of layer.hpp: exact gradients, step and chunk agree, equal bits,
// bounded.
#include <gtest/gtest.h>

#include "tests/layer_rig.hpp"

namespace ssmz::model {
namespace {

/// A stack, and how far its chunk form may be from its step form (relative to outputs of size 1).
struct Case {
  const char* text;
  float tolerance = 2e-5f;
};

const Case kCases[] = {
    {"s6:e32,n4,polar"},
    {"s6:e32,n6,mimetic,ladder | s6:e32,n4,polar,mimetic,ladder=1/100"},
    {"mamba3:h2,p16,n16,q3"},
    {"mamba3:h3,p16,n16,q8,noconv,ladder | mamba3:h2,p16,n32,softplus,ladder=1/30"},
    {"mamba3:h2,p16,n16,q3,r2"},
    {"mamba3:h3,p16,n16,r3,noconv,ladder | gmu | mamba3:h1,p32,n16,r2,softplus"},
    {"s4d:n16"},
    {"s4d:n8,lin | s4d:n6,inv"},
    {"s5:n32 | s5:n10,lin"},
    {"s6:e32,n4 | gmu | s4d:n4,lin | gmu:norm"},
    {"mamba3:h2,p16,n16 | gmu:norm"},
    {"gdn:h2,dk16,dv16 | gmu | ssd:p16,h2,n16,mimetic,ladder=1/50 | gmu:norm"},
    {"h3:n16"},
    {"h3:n6,lin | h3:n4,inv"},
    {"gss:n16"},
    {"gss:e48,h32,n4,lin | gss:h16,n6,inv"},
    {"moe:16,m3"},
    {"s6:e16,n2 | moe:32,m5 | moe"},
    {"taipan:h2,m5"},
    {"taipan:h1,m30,share0.6 | s6:e16,n2 | taipan:m2"},
    {"seqboat:h2,m5,n4"},
    {"seqboat:h4,m20,n6 | seqboat:h1,m3"},
    {"hax:h2,m9,bits1"},
    {"s6:e16,n2 | hax:h4,m30,bits4"},
    {"bst:h2,w5,n4"},
    {"s6:e16,n2 | bst:h4,w40,n6 | bst:h1,w1,n2"},
    {"gka:h2,dk16", 1e-4f},
    {"gka:h3,dk16,ladder=4/40 | gmu", 1e-4f},
    {"bmojo:h2,w8,m5,n4"},
    {"bmojo:h1,w24,m3,n2 | bmojo:h2,w30,m4,n3"},
    {"hymba:e32,h2,w9,m3,n4"},
    {"hymba:e16,h1,w40,m0,n2 | hymba:e32,h4,w3,m2,n3"},
    {"mom:h2,dk16,dv16,m3"},
    {"mom:h1,dk16,dv32,m2,ladder=5 | mom:h2,dk16,dv16,m5 | gmu"},
    {"pool:m5,s16"},
    {"s6:e16,n2 | pool:m3,s16 | gmu | pool:m4,s32,bits8"},
    {"pool:m4,s16,share | s6:e16,n2 | pool:m3,s16,cross"},
    {"pool:m4,s16,share,bits6 | pool:m3,s16,cross,share | gdn:h1,dk16,dv16 | gmu | pool:m5,s16,cross,bits9"},
};

TEST(ModelLayers, GradientsAreExact) {
  for (const Case& c : kCases) expect_exact_gradient(c.text);
}

TEST(ModelLayers, StepAndChunkAgree) {
  for (const Case& c : kCases) expect_step_equals_chunk(c.text, c.tolerance);
}

TEST(ModelLayers, AllPathsGiveEqualBits) {
  for (const Case& c : kCases) expect_equal_paths(c.text);
}

/// 60,000 tokens for each stack, so more than a million in all; the environment can ask for more.
TEST(ModelLayers, StateStaysBoundedOverManyTokens) {
  for (const Case& c : kCases) expect_bounded_state(c.text, 60000);
}

TEST(ModelLayers, MemoryUnitWithoutAMemoryBelowIsRefused) {
  const auto stack = Stack<float>::create("s4d | gmu", 32, 16, all_layers());
  ASSERT_FALSE(stack.ok());
  EXPECT_EQ(stack.failure().message, "a GMU needs a layer below that offers memory");
}

TEST(ModelLayers, CrossLayerReadWithoutAPoolBelowIsRefused) {
  for (const char* text : {"pool:cross", "pool | pool:cross", "pool:s16,share | pool:s32,cross"}) {
    const auto stack = Stack<float>::create(text, 32, 16, all_layers());
    ASSERT_FALSE(stack.ok()) << text;
    EXPECT_EQ(stack.failure().message,
              "option 'cross' needs a pool below with 'share' and summaries of the same width");
  }
}

}  // namespace
}  // namespace ssmz::model
