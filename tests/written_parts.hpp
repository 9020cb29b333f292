// SPDX-License-Identifier: Apache-2.0
// What finders of written parts find, and what damage does to it.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "codec/transform/transform_finder.hpp"
#include "tests/test_data.hpp"

namespace ssmz::test {

using Find = void (*)(std::span<const std::uint8_t>, std::vector<codec::WrittenPart>&);

template <Find find>
std::vector<codec::WrittenPart> parts_by(const Bytes& content) {
  std::vector<codec::WrittenPart> parts;
  find(content, parts);
  return parts;
}

inline Bytes part_of(const Bytes& content, const codec::WrittenPart& part) {
  const auto begin = content.begin() + static_cast<std::ptrdiff_t>(part.at);
  return {begin, begin + static_cast<std::ptrdiff_t>(part.size)};
}

/// Whatever one byte becomes, at every `step`th place from `from` on: what is still found comes back or is
/// left alone, as plain_of() makes sure; at places from `no_from` to `no_to` nothing may be found or read.
template <Find find>
void expect_damage_is_seen(const Bytes& content, std::size_t from, std::size_t step, std::size_t no_from = 0,
                           std::size_t no_to = 0) {
  for (std::size_t at = from; at < content.size(); at += step) {
    Bytes damaged = content;
    damaged[at] ^= 0x41;
    for (const codec::WrittenPart& part : parts_by<find>(damaged)) {
      const Bytes raw = part_of(damaged, part);
      const std::optional<Bytes> plain = codec::plain_of(part.layout, raw);
      if (at >= no_from && at < no_to) {
        EXPECT_FALSE(plain) << "byte " << at << " says something else";
      }
    }
  }
}

/// Whatever one of the plain bytes becomes, they give `size` bytes or nothing.
inline void expect_something_or_nothing(const codec::TransformLayout& layout, const Bytes& plain,
                                        std::size_t size, std::size_t step = 1) {
  for (std::size_t at = 0; at < plain.size(); at += step)
    for (const std::uint8_t change : {std::uint8_t{0x01}, std::uint8_t{0xff}}) {
      Bytes damaged = plain, raw;
      damaged[at] ^= change;
      if (codec::append_written(layout, damaged, size, raw)) {
        EXPECT_EQ(raw.size(), size);
      }
    }
}

/// Of no content that is cut off anything is found.
template <Find find>
void expect_needs_all(const Bytes& content, std::size_t step) {
  for (std::size_t size = 0; size < content.size(); size += step) {
    const Bytes cut(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(parts_by<find>(cut).empty()) << size;
  }
}

}  // namespace ssmz::test
