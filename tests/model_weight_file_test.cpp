// SPDX-License-Identifier: Apache-2.0
// Weight files: numbers keep their bits, damaged files are refused and never crash the reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "model/base/random.hpp"
#include "model/online/weight_file.hpp"

namespace ssmz::model {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& header, std::size_t data) {
  std::vector<std::uint8_t> bytes(8 + header.size() + data, 0x3f);
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(header.size() >> (8 * i));
  std::copy(header.begin(), header.end(), bytes.begin() + 8);
  return bytes;
}

WeightFile example() {
  return {{{"a", {2, 3}, {1, -0.0f, NAN, 1e-42f, INFINITY, 3.25f}}, {"b \"\\\n", {0}, {}}, {"c", {}, {7}}},
          {{"stack", "s6 | \"x\""}}};
}

TEST(ModelWeightFile, KeepsNamesShapesAndBits) {
  const auto decoded = decode_weights(encode_weights(example()));
  ASSERT_TRUE(decoded.ok());
  const WeightFile& file = decoded.value();
  EXPECT_EQ(file.note("stack"), "s6 | \"x\"");
  EXPECT_EQ(file.note("none"), "");
  ASSERT_EQ(file.tensors.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor expected = example().tensors[i];
    const Tensor* found = file.find(expected.name, expected.shape);
    ASSERT_NE(found, nullptr);
    ASSERT_EQ(found->values.size(), expected.values.size());
    for (std::size_t j = 0; j < expected.values.size(); ++j) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(found->values[j]),
                std::bit_cast<std::uint32_t>(expected.values[j]));
    }
  }
  EXPECT_EQ(file.find("a", {3, 2}), nullptr);
}

TEST(ModelWeightFile, ReadsWhatOtherWritersWrite) {
  const auto file =
      decode_weights(bytes_of(R"( { "x" : { "shape" : [ 2 ] , "data_offsets":[0,8],"dtype":"F32"} } )", 8));
  ASSERT_TRUE(file.ok());
  EXPECT_NE(file.value().find("x", {2}), nullptr);
}

TEST(ModelWeightFile, ReadsHalvesExactly) {
  const auto halves = [](const char* type, std::vector<std::uint16_t> bits) {
    std::vector<std::uint8_t> bytes =
        bytes_of(std::string(R"({"x":{"dtype":")") + type + R"(","shape":[)" + std::to_string(bits.size()) +
                     R"(],"data_offsets":[0,)" + std::to_string(2 * bits.size()) + "]}}",
                 2 * bits.size());
    for (std::size_t i = 0; i < bits.size(); ++i) {
      bytes[bytes.size() - 2 * (bits.size() - i)] = static_cast<std::uint8_t>(bits[i]);
      bytes[bytes.size() - 2 * (bits.size() - i) + 1] = static_cast<std::uint8_t>(bits[i] >> 8);
    }
    return decode_weights(bytes).value().tensors.at(0).values;
  };
  EXPECT_EQ(halves("F16", {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0xfc00, 0x0400}),
            (std::vector<float>{1, -2, 65504, 0x1p-24f, -0.0f, -INFINITY, 0x1p-14f}));
  EXPECT_EQ(halves("BF16", {0x3f80, 0xc049}), (std::vector<float>{1, -3.140625f}));
}

TEST(ModelWeightFile, RefusesWrongHeaders) {
  for (
      const char* header :
      {"", "[", "{\"x\"", "{\"x\":3}", R"({"x":{"dtype":"I16","shape":[4],"data_offsets":[0,8]}})",
       R"({"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
       R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
       R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
       R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"y":1}})",
       R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
       R"({"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}})",
       R"({"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", "{} x",
       "{\"\\u1234\":{}}"}) {
    EXPECT_FALSE(decode_weights(bytes_of(header, 8)).ok()) << header;
  }
}

TEST(ModelWeightFile, DamagedBytesNeverCrashTheReader) {
  const auto good = encode_weights(example());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(decode_weights({good.data(), n}).ok());
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    auto bytes = good;
    for (int k = 0; k < 3; ++k) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
          static_cast<std::uint8_t>(random.next());
    }
    (void)decode_weights(bytes).ok();
  }
}

}  // namespace
}  // namespace ssmz::model
