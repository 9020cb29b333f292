// SPDX-License-Identifier: Apache-2.0
// Files of gzip, for tests.
#pragma once

#include <gtest/gtest.h>

#include "codec/deflate/corrections.hpp"
#include "tests/test_data.hpp"

namespace ssmz::test {

/// What zlib writes of `plain`.
inline Bytes deflated(const Bytes& plain, std::uint8_t level = 6) {
  Bytes stream;
  EXPECT_TRUE(
      codec::append_deflated({level, codec::DeflateWriter::zlib}, {}, plain, plain.size() * 2, stream));
  return stream;
}

/// With a wrong checksum.
inline Bytes gzip_file(const Bytes& plain, std::uint8_t level = 6) {
  return joined({{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3}, deflated(plain, level), Bytes(8, 7)});
}

}  // namespace ssmz::test
