// SPDX-License-Identifier: Apache-2.0
// Both ways through the public interface.
#pragma once

#include <gtest/gtest.h>

#include "ssmz/ssmz.hpp"
#include "tests/test_data.hpp"

namespace ssmz::test {

/// Bytes that `content` takes at a level; that it comes back is expected.
inline std::size_t packed_size(const Bytes& content, int level = 1) {
  CompressOptions options;
  options.level = level;
  const Result<Bytes> packed = compress(content, options);
  EXPECT_TRUE(packed.ok());
  const Result<Bytes> back = decompress(packed.value());
  EXPECT_TRUE(back.ok());
  EXPECT_EQ(back.value(), content);
  return packed.value().size();
}

}  // namespace ssmz::test
