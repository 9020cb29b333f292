// SPDX-License-Identifier: Apache-2.0
// The content model of any model that codes a byte after the other.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// `Model`: std::uint8_t code(DecisionIo&, std::span<const std::uint8_t> ahead), which returns the byte;
/// (and, if it can be copied, move_to(SlotTable&) and freeze() as DecisionModel has them;)
/// bool repeating() const, whether that was within a long repeat. `ahead`: it and those that come after it in
/// the block, nothing for a decoder. If it has begin_block(DecisionIo&, content, size), that is called before
/// each block: its bytes, nothing for a decoder, and how many there are; if it has expect_instructions(),
/// that before it where the block's bytes are such.
template <class Model>
class BytewiseContent : public ContentModel {
 public:
  template <class... Arguments>
  requires std::constructible_from<Model, Arguments...>
  explicit BytewiseContent(Arguments&&... arguments) : model_(std::forward<Arguments>(arguments)...) {}

  [[nodiscard]] bool copyable() const override { return movable; }
  void freeze() override {
    if constexpr (movable) model_.freeze();
  }
  [[nodiscard]] std::unique_ptr<ContentModel> copy(const ContentEnvironment& environment) const override {
    if constexpr (movable) {
      auto made = std::make_unique<BytewiseContent>(*this);
      made->model_.move_to(environment.table);
      return made;
    }
    return nullptr;
  }

  void expect_instructions(Processor processor) override {
    if constexpr (requires { model_.expect_instructions(processor); }) model_.expect_instructions(processor);
  }

  Status encode(DecisionIo& io, std::span<const std::uint8_t> raw, const Progress& progress) override {
    begin_block(io, raw, raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
      model_.code(io, raw.subspan(i));
      if (progress && i % progress_interval == 0 && !progress(i)) return {Code::cancelled};
    }
    return {};
  }

  Status decode(DecisionIo& io, std::size_t raw_size, std::vector<std::uint8_t>& raw,
                const Progress& progress) override {
    begin_block(io, {}, raw_size);
    for (std::size_t i = 0; i < raw_size; ++i) {
      raw.push_back(model_.code(io, {}));
      if (const Status status = may_go_on(io, i, i, progress); !status.ok()) return status;
    }
    if (model_.repeating()) return {Code::data_damaged, "repeat passes the end of its block"};
    return {};
  }

 protected:
  Model& coder() noexcept { return model_; }

 private:
  void begin_block(DecisionIo& io, std::span<const std::uint8_t> content, std::size_t size) {
    if constexpr (requires { model_.begin_block(io, content, size); }) model_.begin_block(io, content, size);
  }

  // Models that say so can be copied.
  static constexpr bool movable = requires(Model & model, SlotTable& table) { model.move_to(table); };

  Model model_;
};

}  // namespace ssmz::codec
