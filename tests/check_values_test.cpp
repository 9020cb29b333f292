// SPDX-License-Identifier: Apache-2.0
// Check values of other formats.
#include "codec/base/check_values.hpp"

#include <gtest/gtest.h>

#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;

TEST(CheckValues, AreTheirStandards) {
  const Bytes digits = ssmz::test::bytes_of("123456789");
  EXPECT_EQ(crc32(digits), 0xCBF43926u);
  EXPECT_EQ(adler32(digits), 0x091E01DEu);
  EXPECT_EQ(crc32({}), 0u);
  EXPECT_EQ(adler32({}), 1u);
}

}  // namespace
}  // namespace ssmz::codec
