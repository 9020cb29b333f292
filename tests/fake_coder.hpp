// SPDX-License-Identifier: Apache-2.0
// A small, quick BlockCoder for tests of what is around it: adaptive bits behind the last byte's upper half.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codec/frame/frame.hpp"
#include "codec/range/range_decoder.hpp"
#include "codec/range/range_encoder.hpp"

namespace ssmz::codec::test {

class FakeCoder final : public BlockCoder {
 public:
  FakeCoder() : table_(16 * 256, probability_one / 2) {}

  [[nodiscard]] KindCosts kind_costs(std::span<const std::uint8_t> raw) override {
    std::size_t other = 0;
    for (const std::uint8_t byte : raw) other += (byte < 0x20 && byte != '\n') || byte >= 0x80 ? 1 : 0;
    return {{BlockKind::bytes, raw.size() * 128}, {BlockKind::text, other * 8 * 128}};
  }

  Status encode(BlockType type, std::span<const std::uint8_t> raw, std::vector<std::uint8_t>& coded,
                const Progress& progress) override {
    RangeEncoder encoder(coded);
    std::uint8_t last = static_cast<std::uint8_t>(type.kind);
    for (std::size_t at = 0; at < raw.size(); ++at) {
      unsigned node = 1;
      for (unsigned shift = 8; shift-- > 0;) {
        const unsigned bit = (raw[at] >> shift) & 1u;
        std::uint32_t& p1 = table_[std::size_t{last} / 16 * 256 + node];
        encoder.encode(bit, p1);
        adapt(p1, bit);
        node = node * 2 + bit;
      }
      last = raw[at];
      if (at % 4096 == 0 && !progress(at)) return {Code::cancelled};
    }
    encoder.finish();
    return {};
  }

  Status decode(BlockType type, std::span<const std::uint8_t> coded, std::size_t raw_size,
                std::vector<std::uint8_t>& raw, const Progress& progress) override {
    RangeDecoder decoder(coded);
    std::uint8_t last = static_cast<std::uint8_t>(type.kind);
    for (std::size_t at = 0; at < raw_size; ++at) {
      unsigned node = 1;
      while (node < 256) {
        std::uint32_t& p1 = table_[std::size_t{last} / 16 * 256 + node];
        const unsigned bit = decoder.decode(p1);
        adapt(p1, bit);
        node = node * 2 + bit;
      }
      last = static_cast<std::uint8_t>(node);
      raw.push_back(last);
      if (at % 4096 == 0 && !progress(at)) return {Code::cancelled};
    }
    return decoder.exhausted() ? Status{Code::data_damaged} : Status{};
  }

 private:
  static void adapt(std::uint32_t& p1, unsigned bit) {
    if (bit != 0) {
      p1 += (probability_one - p1) >> 4;
    } else {
      p1 -= p1 >> 4;
    }
    if (p1 == 0) p1 = 1;
    if (p1 == probability_one) p1 = probability_one - 1;
  }

  std::vector<std::uint32_t> table_;
};

/// Ignores the parameters; counts the coders made if asked to.
inline CoderFactory fake_factory(int* made = nullptr) {
  return [made](const ModelParameters&,
                std::shared_ptr<const Vocabulary>) -> Result<std::unique_ptr<BlockCoder>> {
    if (made != nullptr) ++*made;
    return std::unique_ptr<BlockCoder>(std::make_unique<FakeCoder>());
  };
}

}  // namespace ssmz::codec::test
