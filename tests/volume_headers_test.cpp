// SPDX-License-Identifier: Apache-2.0
// FITS, NIfTI and DICOM: samples are found, shrink and come back; hostile headers change nothing but the
// size.
#include "codec/image/volume_headers.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "codec/image/picture_headers.hpp"
#include "codec/image/picture_model.hpp"
#include "tests/region_rig.hpp"
#include "tests/test_data.hpp"

namespace ssmz::codec {
namespace {

using ssmz::test::bytes_of;
using ssmz::test::joined;
using ssmz::test::random_bytes;
using ssmz::test::text_bytes;
using test::Bytes;
using test::put;
using test::round_trip;

struct Sample {
  std::uint32_t width = 120, height = 90, slices = 1, bytes = 2;
};

/// Around 0, smooth with noise.
Bytes samples_of(const Sample& is, bool big_endian) {
  const std::size_t count = std::size_t{is.width} * is.height * is.slices;
  const Bytes noise = random_bytes(count);
  Bytes out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = static_cast<int>(i % is.width), y = static_cast<int>(i / is.width % is.height);
    const int value = (x - 60) * (y - 45) / 16 + noise[i] % 8;
    put(out, static_cast<std::uint64_t>(is.bytes == 1 ? value / 4 + 128 : value), is.bytes, big_endian);
  }
  return out;
}

std::string card(const std::string& key, const std::string& value) {
  std::string text =
      key + std::string(8 - key.size(), ' ') + "= " + std::string(20 - value.size(), ' ') + value;
  return text + std::string(80 - text.size(), ' ');
}

Bytes fits_header(const Sample& is, const std::string& bits, bool extension = false) {
  std::string text = extension ? "XTENSION= 'IMAGE   '" + std::string(60, ' ') : card("SIMPLE", "T");
  text += card("BITPIX", bits) + card("NAXIS", "3") + card("NAXIS1", std::to_string(is.width)) +
          card("NAXIS2", std::to_string(is.height)) + card("NAXIS3", std::to_string(is.slices)) + "END";
  return bytes_of(text + std::string(2880 - text.size(), ' '));
}

Bytes nifti_header(const Sample& is, std::uint32_t kind, float offset = 352.0f) {
  Bytes out;
  put(out, 348, 40);
  put(out, 3, 2);
  for (const std::uint32_t size : {is.width, is.height, is.slices}) put(out, size, 2);
  put(out, 0, 70 - 48);
  put(out, kind, 2);
  put(out, 0, 108 - 72);
  put(out, std::bit_cast<std::uint32_t>(offset), 4);
  put(out, 0, 344 - 112);
  put(out, 0x00312B6E, 8);
  return out;
}

class Dicom {
 public:
  explicit Dicom(bool implicit) : out_(bytes_of("DICM")) {
    element(0x0002, 0x0010, "UI",
            bytes_of(implicit ? std::string("1.2.840.10008.1.2\0", 18) : "1.2.840.10008.1.2.1"));
    implicit_ = implicit;
  }
  void number(std::uint32_t element_number, std::uint32_t value) {
    Bytes bytes;
    put(bytes, value, 2);
    element(0x0028, element_number, "US", bytes);
  }
  /// A sequence with an item that tells of other pixels.
  void sequence(std::uint32_t length) {
    begin(0x0088, 0x0200, "SQ", length);
    put(out_, 0xe000fffe, 4);
    put(out_, length == 0xffffffff ? 0xffffffff : 10, 4);
    if (length == 0xffffffff) {
      number(0x0010, 64);
      put(out_, 0xe00dfffe, 8);
      put(out_, 0xe0ddfffe, 8);
    } else {
      put(out_, 7, 10);
    }
  }
  Bytes pixels(std::uint32_t length) {
    begin(0x7fe0, 0x0010, "OW", length);
    return out_;
  }
  void numbers(const Sample& is, std::uint32_t channels, bool is_signed) {
    number(0x0002, channels);
    number(0x0010, is.height);
    number(0x0011, is.width);
    number(0x0100, is.bytes * 8);
    number(0x0103, is_signed ? 1 : 0);
  }

 private:
  void begin(std::uint32_t group, std::uint32_t number, const char* kind, std::uint32_t length) {
    put(out_, group, 2);
    put(out_, number, 2);
    if (implicit_) return put(out_, length, 4);
    out_.push_back(static_cast<std::uint8_t>(kind[0]));
    out_.push_back(static_cast<std::uint8_t>(kind[1]));
    const bool is_long = kind[0] == 'O' || kind[0] == 'S';
    put(out_, is_long ? 0 : length, 2);
    if (is_long) put(out_, length, 4);
  }
  void element(std::uint32_t group, std::uint32_t number, const char* kind, const Bytes& value) {
    begin(group, number, kind, static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
  }
  Bytes out_;
  bool implicit_ = false;
};

Bytes dicom_header(const Sample& is, bool implicit, std::uint32_t sequence = 0) {
  Dicom dicom(implicit);
  if (sequence != 0) dicom.sequence(sequence);
  dicom.numbers(is, 1, true);
  return dicom.pixels(is.width * is.height * is.slices * is.bytes);
}

BlockType picture_type(unsigned bytes, bool big_endian, std::uint32_t row, bool is_signed) {
  return {
      BlockKind::picture,
      PictureLayout{.sample_bytes = bytes, .big_endian = big_endian, .row_bytes = row, .is_signed = is_signed}
          .packed()};
}

void expect_found(const Bytes& header, const Bytes& samples, BlockType type) {
  const Bytes content = joined({header, samples, text_bytes(100)});
  const auto found = find_picture(content, false);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, header.size());
  EXPECT_EQ(found->size, samples.size());
  EXPECT_EQ(found->type, type);
  EXPECT_TRUE(valid_picture_layout(type.layout));
}

TEST(VolumeHeaders, AreReadWhereTheyAreRight) {
  const Sample words{.slices = 3}, bytes{.bytes = 1};
  expect_found(fits_header(words, "16"), samples_of(words, true), picture_type(2, true, 240, true));
  expect_found(fits_header(words, "16", true), samples_of(words, true), picture_type(2, true, 240, true));
  expect_found(fits_header(bytes, "8"), samples_of(bytes, true), picture_type(1, true, 120, false));
  expect_found(nifti_header(words, 4), samples_of(words, false), picture_type(2, false, 240, true));
  expect_found(nifti_header(words, 512), samples_of(words, false), picture_type(2, false, 240, false));
  expect_found(nifti_header(bytes, 2), samples_of(bytes, false), picture_type(1, false, 120, false));
  for (const bool implicit : {false, true}) {
    expect_found(dicom_header(words, implicit), samples_of(words, false), picture_type(2, false, 240, true));
    expect_found(dicom_header(words, implicit, 18), samples_of(words, false),
                 picture_type(2, false, 240, true));
    expect_found(dicom_header(words, implicit, 0xffffffff), samples_of(words, false),
                 picture_type(2, false, 240, true));
  }
}

TEST(VolumeHeaders, OthersAreLeftAlone) {
  const Sample is;
  const Bytes samples(30000, 1);
  const auto finds = [&](const Bytes& header) {
    return find_picture(joined({header, samples}), false).has_value();
  };
  EXPECT_TRUE(finds(fits_header(is, "16")));
  EXPECT_FALSE(finds(fits_header(is, "-32"))) << "floats";
  EXPECT_FALSE(finds(fits_header({.width = 0}, "16")));
  EXPECT_FALSE(finds(fits_header({.width = 70000}, "16"))) << "a longer row than a block has";
  EXPECT_FALSE(finds(nifti_header(is, 16))) << "floats";
  EXPECT_FALSE(finds(nifti_header(is, 4, -1.0f)));
  EXPECT_FALSE(finds(nifti_header(is, 4, std::bit_cast<float>(0x7fc00000u)))) << "no number";
  EXPECT_FALSE(finds(nifti_header({.slices = 0}, 4)));
  Dicom encapsulated(false);
  encapsulated.numbers(is, 1, false);
  EXPECT_FALSE(finds(encapsulated.pixels(0xffffffff)));
  Dicom floats(false);
  floats.numbers({.bytes = 4}, 1, false);
  EXPECT_FALSE(finds(floats.pixels(21600)));
}

TEST(VolumeHeaders, HostileOnesGiveNothingOrAValidLayout) {
  for (const std::uint32_t size : {0u, 1u, 30000u, 65535u, 0xffffffffu})
    for (const std::uint32_t slices : {0u, 1u, 0xffffu})
      for (const Bytes& header :
           {fits_header({size, size, slices}, "16"), nifti_header({size, size, slices}, 4),
            dicom_header({size, size, slices}, false, 18), dicom_header({size, size, slices}, true)}) {
        Bytes content = header;
        content.resize(9000, 3);
        for (std::size_t cut = 0; cut <= content.size(); cut += cut < header.size() ? 1 : 997) {
          const auto found = find_picture(std::span(content).first(cut), false);
          if (!found) continue;
          EXPECT_LT(found->offset, cut);
          EXPECT_GT(found->size, 0u);
          EXPECT_TRUE(valid_picture_layout(found->type.layout));
        }
      }
  for (unsigned seed = 0; seed < 300; ++seed) {
    static constexpr std::string_view magics[] = {
        "DICM", "SIMPLE  =", "XTENSION= 'IMAGE   '", {"\x5C\1\0\0", 4}};
    Bytes content = joined({bytes_of(magics[seed % 4]), random_bytes(6000, seed)});
    for (std::size_t i = 4; i < 400 && seed % 3 != 0; ++i)
      content[i] &= static_cast<std::uint8_t>(content[i] >> 5);
    (void)find_volume(content);
  }
}

// As the same samples behind a header that says they are floats; crossing 0.
TEST(VolumeHeaders, SamplesAreSmallerAsAPicture) {
  const Sample is{.slices = 4};
  const std::size_t picture = round_trip(joined({fits_header(is, "16"), samples_of(is, true)}));
  EXPECT_LT(picture * 100, round_trip(joined({fits_header(is, "-32"), samples_of(is, true)})) * 90);
  round_trip(joined({text_bytes(500), dicom_header(is, false), samples_of(is, false), {1}}));
  round_trip(joined({nifti_header(is, 4), samples_of(is, false)}), 5);
}

}  // namespace
}  // namespace ssmz::codec
