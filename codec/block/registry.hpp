// SPDX-License-Identifier: Apache-2.0
// All kinds of block. A new kind of data is a folder beside text/ and bytes/, and a row here.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/block/content_model.hpp"

namespace ssmz::codec {

/// The rows; a row's place is its index for arrays with an entry a kind.
[[nodiscard]] std::span<const ContentKind> content_kinds() noexcept;

/// Row with a number, nullptr if there is none: trust nothing that was read.
[[nodiscard]] const ContentKind* find_kind(BlockKind number) noexcept;
[[nodiscard]] const ContentKind* find_kind(std::string_view name) noexcept;

/// Whether a block is transformed and its plain bytes are blocks (frame/nested_blocks.hpp).
[[nodiscard]] bool is_nested(BlockType type) noexcept;

/// The kind that codes a block's bytes: its own, or that of the plain bytes it is written from.
[[nodiscard]] BlockKind modelled_kind(BlockType type) noexcept;

/// Estimates what segments of one frame would cost. Cheap: linear, no model.
class KindEstimates {
 public:
  KindEstimates(std::shared_ptr<const Vocabulary> vocabulary, int level) noexcept
      : vocabulary_(std::move(vocabulary)), level_(level) {}
  /// A segment that is as the last one was (a run, a table of equal rows) is not looked at again.
  [[nodiscard]] const KindCosts& of(std::span<const std::uint8_t> segment);

 private:
  struct Row {
    BlockKind kind;
    Estimate estimate;
  };
  std::shared_ptr<const Vocabulary> vocabulary_;
  int level_;
  std::vector<Row> rows_;  // made by the first call
  std::vector<std::uint8_t> last_segment_;
  KindCosts last_costs_;
};

}  // namespace ssmz::codec
