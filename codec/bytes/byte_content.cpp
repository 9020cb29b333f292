// SPDX-License-Identifier: Apache-2.0
// Blocks of bytes through the byte model.
#include "codec/bytes/byte_content.hpp"

#include "codec/block/bytewise_content.hpp"
#include "codec/bytes/byte_model.hpp"
#include "codec/levels/level_models.hpp"

namespace ssmz::codec {

namespace {

/// Drawings: the byte model with contexts of pixels.
class DrawingContent final : public BytewiseContent<ByteModel> {
 public:
  using BytewiseContent::BytewiseContent;
  void set_layout(std::uint64_t layout) override { coder().set_drawing(DrawingLayout::of(layout)); }
  // copy() would make a model of bytes.
  [[nodiscard]] bool copyable() const override { return false; }
};

}  // namespace

std::unique_ptr<ContentModel> make_byte_content(const ContentEnvironment& environment) {
  return std::make_unique<BytewiseContent<ByteModel>>(
      environment.table, byte_options(environment.parameters, environment.threads));
}

std::unique_ptr<ContentModel> make_drawing_content(const ContentEnvironment& environment) {
  return std::make_unique<DrawingContent>(environment.table, drawing_options(environment.parameters));
}

}  // namespace ssmz::codec
