// SPDX-License-Identifier: Apache-2.0
// What tests of blocks of JPEG share: coders, damage, data that end.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <utility>

#include "codec/block/block_coder.hpp"
#include "codec/jpeg/jpeg_content.hpp"
#include "tests/test_data.hpp"
#include "tests/vocabulary_samples.hpp"

namespace ssmz::codec::test {

using ssmz::test::Bytes;

// One to three of them.
inline void flip_bits(Bytes& bytes, std::mt19937& random) {
  for (auto left = 1 + random() % 3; left > 0; --left) {
    std::uint8_t& byte = bytes[random() % bytes.size()];
    byte = static_cast<std::uint8_t>(byte ^ 1u << random() % 8);
  }
}

inline std::unique_ptr<BlockCoder> coder(int level = 1) {
  auto made = BlockCoder::create(*parameters_for(level, std::uint64_t{1} << 16, 0), Vocabulary::builtin());
  EXPECT_TRUE(made.ok());
  return std::move(made).value();
}

struct Coded {
  BlockType type;
  Bytes raw, data;
};

inline Coded coded(BlockCoder& by, BlockType type, Bytes raw) {
  Coded block{type, std::move(raw), {}};
  EXPECT_TRUE(by.encode(type, block.raw, block.data, {}).ok());
  return block;
}

inline void expect_decoded(BlockCoder& by, const Coded& block) {
  Bytes back;
  const Status status = by.decode(block.type, block.data, block.raw.size(), back, {});
  EXPECT_TRUE(status.ok()) << status.detail;
  EXPECT_EQ(back, block.raw);
}

/// Reads data that were cut, and counts the decisions behind their end.
class CutIo final : public DecisionIo {
 public:
  explicit CutIo(std::span<const std::uint8_t> in) : io_(in) {}
  unsigned code(bool bit, std::uint32_t p, const Position& at) override {
    behind_ += io_.exhausted();
    return io_.code(bit, p, at);
  }
  [[nodiscard]] bool exhausted() const override { return io_.exhausted(); }
  [[nodiscard]] std::size_t behind() const { return behind_; }

 private:
  DecodeIo io_;
  std::size_t behind_ = 0;
};

/// Blocks of `body` whose data were cut: no more decisions behind their end than a few coefficients take.
inline void expect_stops_at_end(const Bytes& body) {
  const ModelParameters parameters = *parameters_for(1, std::uint64_t{1} << 16, 0);
  const Coded block = coded(*coder(), BlockKind::jpeg, body);
  for (std::size_t size = 300; size + 8 < block.data.size(); size += 301) {
    SlotTable table(std::uint64_t{1} << 18);
    const auto content =
        make_jpeg_content({.parameters = parameters, .vocabulary = Vocabulary::builtin(), .table = table});
    CutIo io(std::span(block.data).first(size));
    Bytes back;
    EXPECT_EQ(content->decode(io, body.size(), back, {}).code, Code::data_damaged);
    EXPECT_LE(io.behind(), exhaustion_interval * 32);
  }
}

}  // namespace ssmz::codec::test
