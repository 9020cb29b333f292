// SPDX-License-Identifier: Apache-2.0
// Layer stacks: gradients against finite differences in double, chunk against step, carried state, bit-equal
// paths, parsing.
#include <gtest/gtest.h>

#include "tests/layer_rig.hpp"

namespace ssmz::model {
namespace {

const char* const kStacks[] = {"mlp:32",
                               "s6:e32,n4",
                               "s6:e48,n16,r3 | mlp:48 | s6:n5",
                               "gdn:h2,dk16,dv16,ladder",
                               "gdn:h3,dk16,dv32,nodirect | gdn:h2,longhorn,ladder=1/20",
                               "gdn:h1,neg | mlp:16",
                               "ssd:h2,p16,n16",
                               "ssd:h3,p16,n32,ladder | gdn:h2",
                               "swa:w9,h2",
                               "swa:w64 | mlp:16 | swa:w1,h1"};

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
    const auto stack = Stack<float>::create(c.text, 32, 16, all_layers());
    ASSERT_FALSE(stack.ok()) << c.text;
    EXPECT_EQ(stack.failure().message, c.message) << c.text;
    EXPECT_EQ(stack.failure().position, c.position) << c.text;
  }
  EXPECT_FALSE(Stack<float>::create("s6", 33, 16).ok());
  EXPECT_FALSE(Stack<float>::create("s6", 32, 0).ok());
}

}  // namespace
}  // namespace ssmz::model
