// SPDX-License-Identifier: Apache-2.0
// Blocks of bytes through the byte model.
#include "codec/bytes/byte_content.hpp"

#include <algorithm>
#include <array>

#include "codec/base/log2.hpp"
#include "codec/block/bytewise_content.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"

namespace ssmz::codec {

namespace {

std::uint64_t estimate_bytes(std::span<const std::uint8_t> segment) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t byte : segment) ++counts[byte];
  std::array<std::uint64_t, 256> costs{};
  for (std::size_t byte = 0; byte < costs.size(); ++byte)
    if (counts[byte]) costs[byte] = log2_sixteenths(segment.size()) - log2_sixteenths(counts[byte]);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const std::uint64_t cost = costs[segment[i]];
    sum += i > 0 && segment[i] == segment[i - 1] ? std::min(cost, repeat_cost) : cost;
  }
  return sum;
}

/// Drawings: the byte model with contexts of pixels.
class DrawingContent final : public BytewiseContent<ByteModel> {
 public:
  using BytewiseContent::BytewiseContent;
  void set_layout(std::uint64_t layout) override { coder().set_drawing(DrawingLayout::of(layout)); }
  // copy() would make a model of bytes.
  [[nodiscard]] bool copyable() const override { return false; }
};

}  // namespace

Estimate make_byte_estimate(const std::shared_ptr<const Vocabulary>&, int) { return estimate_bytes; }

std::unique_ptr<ContentModel> make_byte_content(const ContentEnvironment& environment) {
  return std::make_unique<BytewiseContent<ByteModel>>(
      environment.table, byte_options(environment.parameters, environment.threads));
}

std::unique_ptr<ContentModel> make_drawing_content(const ContentEnvironment& environment) {
  return std::make_unique<DrawingContent>(environment.table, drawing_options(environment.parameters));
}

}  // namespace ssmz::codec
