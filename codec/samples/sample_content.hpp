// SPDX-License-Identifier: Apache-2.0
// The content model of any model that codes samples of one to three bytes one after the other.
#pragma once

#include <memory>

#include "codec/block/content_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/samples/sample_effort.hpp"

namespace ssmz::codec {

/// `Model`: made from table, layout and effort; fits(layout), begin_picture(), code(io,
/// sample). `Layout`: of(packed), sample_bytes, big_endian, goes_on.
template <class Model, class Layout>
class SampleContent final : public ContentModel {
 public:
  explicit SampleContent(const ContentEnvironment& environment) : environment_(environment) {}

  void set_layout(std::uint64_t packed) override {
    layout_ = Layout::of(packed);
    if (model_ && model_->fits(layout_)) {
      if (!layout_.goes_on) model_->begin_picture();
      return;
    }
    model_.reset();  // so that there are never two
    model_ = std::make_unique<Model>(environment_.table, layout_, sample_effort(environment_.parameters));
    model_->begin_picture();
  }

  Status encode(DecisionIo& io, std::span<const std::uint8_t> raw, const Progress& progress) override {
    const unsigned size = layout_.sample_bytes;
    if (raw.size() % size) return {Code::bad_argument, "a block ends within a sample"};
    for (std::size_t i = 0; i < raw.size(); i += size) {
      std::uint32_t sample = 0;
      for (unsigned k = 0; k < size; ++k) sample |= std::uint32_t{raw[i + k]} << shift_of(k);
      model_->code(io, sample);
      if (progress && i % progress_interval == 0 && !progress(i)) return {Code::cancelled};
    }
    return {};
  }

  Status decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                const Progress& progress) override {
    const unsigned size = layout_.sample_bytes;
    if (raw_size % size) return {Code::data_damaged, "a block ends within a sample"};
    for (std::size_t i = 0; i < raw_size; i += size) {
      const std::uint32_t sample = model_->code(io, 0);
      for (unsigned k = 0; k < size; ++k) raw.push_back(static_cast<std::uint8_t>(sample >> shift_of(k)));
      if (const Status status = may_go_on(io, i, i, progress); !status.ok()) return status;
    }
    return {};
  }

 private:
  // Of byte k of a sample, as it stands in the content.
  [[nodiscard]] unsigned shift_of(unsigned k) const {
    return 8 * (layout_.big_endian ? layout_.sample_bytes - 1 - k : k);
  }

  ContentEnvironment environment_;
  Layout layout_;
  std::unique_ptr<Model> model_;
};

}  // namespace ssmz::codec
