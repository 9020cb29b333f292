// SPDX-License-Identifier: Apache-2.0
// Pictures in PDF files behind PNG's filters: coded as pixels, and what filtered rows are.
#include "codec/transform/pdf_images.hpp"

#include <gtest/gtest.h>

#include <string>

#include "codec/transform/png_filters.hpp"
#include "tests/gzip_file.hpp"
#include "tests/packed_size.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::Bytes;
using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::packed_size;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;

constexpr std::size_t width = 90, height = 70, pixel = 3, row = width * pixel;

/// Smooth with noise, filtered by each type in turn.
Bytes filtered_rows() {
  Bytes plain;
  for (std::size_t y = 0; y < height; ++y) plain.push_back(static_cast<std::uint8_t>(y % 5));
  const Bytes noise = random_bytes(row * height);
  std::vector<int> values;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const int above = i >= row ? values[i - row] : 128 * 16;
    const int left = i % row >= pixel ? values[i - pixel] : above;
    values.push_back((above + left) / 2 + noise[i] % 64 - 31);
    plain.push_back(static_cast<std::uint8_t>(values.back() / 16));
  }
  return *with_filters(plain, row, pixel);
}

Bytes pdf_object(const std::string& parameters, const Bytes& rows, const std::string& line_end = "\n") {
  return joined({bytes_of("7 0 obj\n<</Subtype/Image/Width 90/Height 70/Filter/FlateDecode/DecodeParms<<" +
                          parameters + ">>/Length 9>>stream" + line_end),
                 {0x78, 0x9C},
                 ssmz::test::deflated(rows),
                 Bytes(4, 7),
                 bytes_of("\nendstream\nendobj\n")});
}

const std::string usual = "/Predictor 15/Colors 3/BitsPerComponent 8/Columns 90";

std::vector<WrittenPart> parts_of(const Bytes& content) {
  std::vector<WrittenPart> parts = find_written_parts(content);
  EXPECT_FALSE(parts.empty());
  return parts;
}

TEST(PdfImages, HaveTheFormThatTheirDictionarySays) {
  const Bytes rows = filtered_rows();
  for (const std::string line_end : {"\n", "\r\n"}) {
    const PixelForm form = parts_of(joined({text_bytes(2000), pdf_object(usual, rows, line_end)}))[0].pixels;
    EXPECT_TRUE(form.filtered);
    EXPECT_EQ(form.channels, 3u);
    EXPECT_EQ(form.bits, 8u);
    EXPECT_EQ(form.row, row);
  }
  const PixelForm deep =
      parts_of(pdf_object("/Predictor 12 /Columns 45 /BitsPerComponent 16 /Colors 3", rows))[0].pixels;
  EXPECT_TRUE(deep.big_endian);
  EXPECT_EQ(deep.row, row);
  for (const std::string other :
       {"/Predictor 1/Colors 3/Columns 90", "/Predictor 2/Colors 3/Columns 90",
        "/Predictor 15/Colors 5/Columns 90", "/Predictor 15/Colors 3/Columns 0",
        "/Predictor 15/BitsPerComponent 1/Columns 2160", "/Predictor 15/Columns 99999999999",
        "/Predictor 15/Columns 131072", "/Predictor"})
    EXPECT_EQ(parts_of(pdf_object(other, rows))[0].pixels.channels, 0u) << other;
  const Bytes elsewhere = joined({bytes_of("<</Predictor 15/Columns 90/Colors 3>>"), pdf_object("", rows)});
  EXPECT_EQ(parts_of(elsewhere)[0].pixels.channels, 0u) << "another object's";
}

// As the same rows behind a dictionary that says nothing of filters; and of another width, which is wrong.
TEST(PdfImages, AreSmallerAsPixels) {
  const Bytes rows = filtered_rows();
  const std::size_t bytes = packed_size(pdf_object("", rows));
  EXPECT_LT(packed_size(pdf_object(usual, rows)) * 100, bytes * 90);
  EXPECT_LE(packed_size(pdf_object("/Predictor 15/Colors 3/Columns 91", rows)), bytes + 40);
}

TEST(FilteredRows, ComeBackAndOthersAreRefused) {
  const TransformLayout layout{.transform = Transform::filtered, .line = 2, .plain_size = 1, .row = row};
  const Bytes rows = filtered_rows();
  EXPECT_TRUE(plain_of(layout, rows));
  EXPECT_FALSE(plain_of(layout, Bytes(rows.begin(), rows.end() - 1))) << "a row is cut";
  Bytes unknown = rows;
  unknown[row + 1] = 5;
  EXPECT_FALSE(plain_of(layout, unknown));
  Bytes raw;
  EXPECT_FALSE(append_written(layout, Bytes(row + 1, 5), row + 1, raw));
  ASSERT_TRUE(valid_transform_layout(layout.packed()));
  EXPECT_TRUE(can_write({.transform = Transform::filtered, .plain_size = 14, .row = 6}, 14));
  EXPECT_FALSE(can_write({.transform = Transform::filtered, .plain_size = 14, .row = 7}, 14));
  EXPECT_FALSE(can_write({.transform = Transform::filtered, .plain_size = 14, .row = 6}, 7));
  for (const TransformLayout& other :
       {TransformLayout{.transform = Transform::filtered, .plain_size = 1},
        {.transform = Transform::filtered, .line = 8, .plain_size = 1, .row = 9},
        {.transform = Transform::filtered, .crlf = true, .plain_size = 1, .row = 9}})
    EXPECT_FALSE(valid_transform_layout(other.packed()));
}

}  // namespace
}  // namespace ssmz::codec
