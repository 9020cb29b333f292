// SPDX-License-Identifier: Apache-2.0
// Pictures: their headers, hostile ones above all, planes without headers, and the way through the codec.
#include <gtest/gtest.h>

#include "codec/frame/plan.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_headers.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/image/raw_planes.hpp"
#include "codec/predict/least_squares.hpp"
#include "tests/region_rig.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::bmp_header;
using test::expect_goes_on;
using test::put;
using test::round_trip;

// Hills with a little noise.
Bytes pixels(unsigned width, unsigned height, unsigned channels, unsigned row) {
  const Bytes noise = random_bytes(std::size_t{width} * height * channels);
  Bytes out;
  for (unsigned y = 0, i = 0; y < height; ++y) {
    for (unsigned x = 0; x < width * channels; ++x)
      out.push_back(
          static_cast<std::uint8_t>(x / channels / 2 + y / 3 + x % channels * 20 + (noise[i++] & 7u)));
    out.resize(std::size_t{row} * (y + 1));
  }
  return out;
}

// Rows of one rugged profile that rises from row to row: bytes tell little of the next one, rows nearly all.
Bytes rugged_plane(unsigned width, unsigned height) {
  const Bytes noise = random_bytes(std::size_t{width} * (height + 1), 5);
  Bytes profile(width);
  for (unsigned x = 1; x < width; ++x)
    profile[x] = static_cast<std::uint8_t>(profile[x - 1] + noise[x] % 33u - 16u);
  Bytes out;
  for (unsigned y = 0, i = width; y < height; ++y)
    for (unsigned x = 0; x < width; ++x)
      out.push_back(static_cast<std::uint8_t>(profile[x] + y + (noise[i++] & 1u)));
  return out;
}

std::string pnm(char kind, unsigned width, unsigned height, unsigned most) {
  std::string out =
      std::string("P") + kind + "\n# made\n" + std::to_string(width) + " " + std::to_string(height) + "\n";
  if (kind != '4') out += std::to_string(most) + "\n";
  return out;
}

TEST(PictureHeaders, AreReadWhereTheyAreRight) {
  const auto bmp = find_picture(joined({bmp_header(101, 60, 24), pixels(101, 60, 3, 304)}), false);
  ASSERT_TRUE(bmp);
  EXPECT_EQ(bmp->offset, 54u);
  EXPECT_EQ(bmp->size, 304u * 60u);
  EXPECT_EQ(bmp->type, (BlockType{BlockKind::picture, PictureLayout{false, 1, false, 3, 304}.packed()}));
  const auto ppm = find_picture(joined({bytes_of(pnm('6', 101, 60, 255)), pixels(101, 60, 3, 303)}), false);
  ASSERT_TRUE(ppm);
  EXPECT_EQ(ppm->size, 303u * 60u);
  const auto pbm = find_picture(joined({bytes_of(pnm('4', 999, 60, 1)), Bytes(125 * 60)}), false);
  ASSERT_TRUE(pbm);
  EXPECT_EQ(pbm->type, (BlockType{BlockKind::bilevel, bilevel_layout(125, false)}));
  const auto deep = find_picture(joined({bytes_of(pnm('5', 100, 60, 4095)), Bytes(200 * 60)}), false);
  ASSERT_TRUE(deep);
  EXPECT_EQ(deep->type, (BlockType{BlockKind::picture, PictureLayout{false, 2, true, 1, 200}.packed()}));
}

TEST(PictureHeaders, HostileOnesGiveNothingOrAValidLayout) {
  for (const std::uint32_t width : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 1u << 20, 99999u})
    for (const std::uint32_t height : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu})
      for (const unsigned bits : {0u, 1u, 8u, 24u, 32u, 65535u}) {
        Bytes content = bmp_header(width, height, bits);
        content.resize(9000, 3);
        for (const std::size_t cut :
             {std::size_t{0}, std::size_t{2}, std::size_t{31}, std::size_t{54}, content.size()}) {
          const auto found = find_picture(std::span(content).first(cut), true);
          if (!found) continue;
          EXPECT_LE(found->offset, cut);
          EXPECT_GT(found->size, 0u);
          EXPECT_TRUE(found->type.kind == BlockKind::bilevel ? valid_bilevel_layout(found->type.layout)
                                                             : valid_picture_layout(found->type.layout));
        }
      }
}

TEST(PictureHeaders, AnyBytesBehindAMagicAreHarmless) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Bytes content = random_bytes(8000, seed);
    static constexpr const char* magics[] = {"BM",    "P4\n",  "P5\n9 ",
                                             "II*\0", "MM\0*", "P6 99999999999999999 9 "};
    const std::size_t sizes[] = {2, 3, 5, 4, 4, 23};
    std::copy_n(magics[seed % 6], sizes[seed % 6], content.begin());
    for (std::size_t i = 4; i < 60; ++i)
      if (seed % 2) content[i] &= static_cast<std::uint8_t>(content[i] >> 5);
    const auto found = find_picture(content, true);
    if (found) {
      EXPECT_LT(found->offset, content.size());
    }
  }
}

TEST(RawPlanes, AreFoundWithoutAHeader) {
  const Bytes content = rugged_plane(400, 400);
  const std::vector<Region> planes = find_raw_planes(content);
  ASSERT_EQ(planes.size(), 1u);
  EXPECT_EQ(planes[0].type, (BlockType{BlockKind::picture, PictureLayout{false, 1, false, 1, 400}.packed()}));
  EXPECT_TRUE(find_raw_planes(text_bytes(200000)).empty());
  EXPECT_TRUE(find_raw_planes(random_bytes(200000)).empty());
  EXPECT_TRUE(find_raw_planes(Bytes(1 << 20)).empty());  // a hole, which long repeats code faster
}

// As of a table of names and functions: addresses that rise by eight, a type, where they lead to; 24 bytes,
// half of them 0.
TEST(RawPlanes, RelocationsAreNone) {
  const Bytes noise = random_bytes(12000, 3);
  Bytes table;
  std::uint64_t name = 0x3c21000, function = 0x1f8000;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    (i % 2 ? name : function) += i % 2 ? noise[i] % 16u : noise[i] / 32u * 16u;
    put(table, 0x5f1000 + 8 * i, 8);
    put(table, 8, 8);
    put(table, i % 2 ? name : function, 8);
  }
  EXPECT_TRUE(find_raw_planes(table).empty());
}

TEST(RawPlanes, PagesOfPixelsAreFoundWithoutAHeader) {
  const Bytes noise = random_bytes(2000, 4);
  Bytes page;
  for (unsigned y = 0; y < 1000; ++y)  // bars whose edges wander
    for (unsigned x = 0; x < 216; ++x) {
      const unsigned bar = x / 12, edge = 4 + noise[bar] % 3u + (noise[1000 + y / 4] & 1u);
      const unsigned place = x % 12;
      page.push_back(bar % 3 == 1 && place < edge ? 0xff : place == edge ? noise[y / 8 + bar] & 0xf0u : 0u);
    }
  const std::vector<Region> planes = find_raw_planes(page);
  ASSERT_FALSE(planes.empty());
  EXPECT_EQ(planes[0].type, (BlockType{BlockKind::bilevel, bilevel_layout(216, false)}));
}

TEST(RegionFinder, GoesOnInTheNextWindow) {
  const Bytes content = joined({bmp_header(100, 200, 24), pixels(100, 200, 3, 300), text_bytes(5000)});
  expect_goes_on(content, 20000, 54, 60054, BlockKind::picture);
}

// A picture that is copied whole is no region; one that is copied in part stays whole.
TEST(Pictures, AreCopiedWholeOrNotAtAll) {
  const Bytes picture = joined({bmp_header(100, 200, 24), pixels(100, 200, 3, 300)});
  const auto plan_of = [](const Bytes& content, const Copy& copy) {
    IncompressibilityProbe probe;
    RegionFinder regions;
    const auto plan = plan_blocks(content, probe, regions,
                                  [](std::span<const std::uint8_t>) {
                                    return Result<KindCosts>(KindCosts{{BlockKind::text, 0}});
                                  },
                                  {std::span(&copy, 1), {}});
    return plan.value();
  };
  const Bytes text = text_bytes(20000);
  const Bytes content = joined({picture, text, picture, text});
  const std::size_t distance = picture.size() + text.size();
  const BlockType rows = plan_of(content, {}).at(1).type;
  EXPECT_EQ(rows.kind, BlockKind::picture);
  const BlockType copy{BlockKind::copy, distance};
  using Plan = std::vector<PlannedBlock>;
  EXPECT_EQ(plan_of(content, {distance, distance, distance}),
            (Plan{{BlockKind::text, 54}, {rows, 60000}, {BlockKind::text, 20000}, {copy, distance}}));
  EXPECT_EQ(
      plan_of(content, {distance - 20000, 50000, distance}),
      (Plan{{BlockKind::text, 54}, {rows, 60000}, {copy, 20054}, {rows, 60000}, {BlockKind::text, 20000}}));
  EXPECT_EQ(plan_of(content, {distance + 30000, 50054, distance}).back(), (PlannedBlock{copy, 20000}));
}

TEST(Pictures, ComeBack) {
  round_trip(joined({text_bytes(3000), bmp_header(101, 40, 24), pixels(101, 40, 3, 304), text_bytes(3000)}));
  round_trip(joined({bytes_of(pnm('5', 100, 60, 4095)), pixels(200, 60, 1, 200)}), 9);
  round_trip(joined({bytes_of(pnm('4', 999, 60, 1)), pixels(125, 60, 1, 125)}));
  round_trip(joined({bmp_header(101, 4000, 24), pixels(101, 40, 3, 304)}));  // says more than there is
  round_trip(joined({bmp_header(101, 40, 24), random_bytes(304 * 40)}));
}

// Its prediction of hills is as good, so the noise is what both pay for.
TEST(Pictures, FastLevelsTakeLittleMore) {
  for (const unsigned channels : {1u, 3u}) {
    const Bytes rows = pixels(200, 100, channels, 200 * channels);
    const Bytes picture = joined({bytes_of(pnm(channels == 1 ? '5' : '6', 200, 100, 255)), rows});
    const std::size_t usual = round_trip(picture, 5);
    EXPECT_LT(round_trip(picture, 1) * 100, usual * 104) << channels;
    EXPECT_LT(round_trip(picture, 3) * 100, usual * 103) << channels;
  }
}

TEST(LeastSquares, FindsTheWeightsOfALinearSource) {
  LeastSquares solver(3, 0.999, 1e-6, 1);
  const Bytes noise = random_bytes(3000);
  double miss = 0.0;
  for (std::size_t i = 0; i + 3 <= noise.size(); i += 3) {
    for (std::size_t k = 0; k < 3; ++k) solver.inputs()[k] = noise[i + k];
    const double target = 2.0 * noise[i] - 0.5 * noise[i + 1] + noise[i + 2];
    miss = solver.predict() - target;
    solver.update(target);
  }
  EXPECT_NEAR(miss, 0.0, 1e-3);
}

TEST(LeastSquares, KeepsItsWeightsWhereInputsDependOnEachOther) {
  LeastSquares solver(2, 0.9, 0.0, 1);
  for (int i = 0; i < 100; ++i) {
    solver.inputs()[0] = solver.inputs()[1] = 1.0;
    solver.update(1.0);
    EXPECT_EQ(solver.predict(), solver.predict()) << "no NaN";
  }
}

}  // namespace
}  // namespace ssmz::codec
