// SPDX-License-Identifier: Apache-2.0
// Numbers get places in the order in which they come, and keep them however many there are.
#include "codec/predict/place_index.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ssmz::codec {
namespace {

TEST(PlaceIndex, GivesPlacesInTheOrderInWhichNumbersCome) {
  for (const std::uint32_t count : {1u, 5u, 1000u, 1024u, 100000u}) {
    PlaceIndex index(count);
    std::map<std::uint32_t, std::uint32_t> known;
    std::mt19937 random(count);
    for (unsigned i = 0; i < 3 * count; ++i) {
      const auto number = static_cast<std::uint32_t>(random() % count);
      const auto [at, is_new] = known.try_emplace(number, static_cast<std::uint32_t>(known.size()));
      ASSERT_EQ(index.find(number), is_new ? PlaceIndex::none : at->second);
      ASSERT_EQ(index.place(number), at->second);
      ASSERT_EQ(index.find(number), at->second);
    }
    for (std::uint32_t number = 0; number < count; ++number)
      EXPECT_LT(index.place(number), count);  // until it is full
    EXPECT_EQ(index.used(), count);
    for (const auto& [number, place] : known) {
      EXPECT_EQ(index.place(number), place);
      EXPECT_EQ(index.owner(place), number);
    }
    const PlaceIndex copy = index;
    index.retire();
    EXPECT_FALSE(index.in_use());
    EXPECT_EQ(index.owner(0), copy.owner(0));
    EXPECT_EQ(copy.find(copy.owner(count - 1)), count - 1);
  }
}

}  // namespace
}  // namespace ssmz::codec
