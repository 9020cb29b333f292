// SPDX-License-Identifier: Apache-2.0
// The table of the kinds of block.
#include "codec/block/registry.hpp"

#include <algorithm>
#include <array>

#include "codec/audio/sound_model.hpp"
#include "codec/block/drawing_layout.hpp"
#include "codec/bytes/byte_content.hpp"
#include "codec/bytes/byte_estimate.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/jpeg/jpeg_content.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/text/text_content.hpp"
#include "codec/text/text_estimate.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {
namespace {

// In the order in which equal estimates are preferred.
constexpr std::array<ContentKind, 10> kinds = {{
    {"stored", BlockKind::stored, nullptr, nullptr, nullptr, nullptr, nullptr},
    {"copy", BlockKind::copy, nullptr, nullptr, nullptr, nullptr,
     [](std::uint64_t distance) { return distance >= 1 && distance <= most_reach; }},
    {"bytes", BlockKind::bytes, make_byte_estimate, nullptr, make_byte_content, byte_memory, nullptr},
    {"text", BlockKind::text, make_text_estimate, favour_text, make_text_content, text_memory, nullptr},
    {"bilevel", BlockKind::bilevel, nullptr, nullptr, make_bilevel_content, bilevel_memory,
     valid_bilevel_layout},
    {"picture", BlockKind::picture, nullptr, nullptr, make_picture_content, picture_memory,
     valid_picture_layout},
    {"sound", BlockKind::sound, nullptr, nullptr, make_sound_content, sound_memory, valid_sound_layout},
    {"transformed", BlockKind::transformed, nullptr, nullptr, nullptr, nullptr, valid_transform_layout},
    {"jpeg", BlockKind::jpeg, nullptr, nullptr, make_jpeg_content, jpeg_memory, valid_jpeg_layout},
    {"drawing", BlockKind::drawing, nullptr, nullptr, make_drawing_content, drawing_memory,
     valid_drawing_layout},
}};

}  // namespace

std::span<const ContentKind> content_kinds() noexcept { return kinds; }

const ContentKind* find_kind(BlockKind number) noexcept {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const ContentKind& kind) { return kind.number == number; });
  return found == kinds.end() ? nullptr : &*found;
}

const ContentKind* find_kind(std::string_view name) noexcept {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const ContentKind& kind) { return name == kind.name; });
  return found == kinds.end() ? nullptr : &*found;
}

bool is_nested(BlockType type) noexcept {
  return type.kind == BlockKind::transformed &&
         TransformLayout::unpacked(type.layout).kind == TransformLayout::blocks;
}

BlockKind modelled_kind(BlockType type) noexcept {
  if (is_nested(type)) return BlockKind::stored;
  return type.kind == BlockKind::transformed
             ? static_cast<BlockKind>(TransformLayout::unpacked(type.layout).kind)
             : type.kind;
}

const KindCosts& KindEstimates::of(std::span<const std::uint8_t> segment) {
  if (!last_costs_.empty() && std::ranges::equal(segment, last_segment_)) return last_costs_;
  if (rows_.empty())
    for (const ContentKind& kind : kinds)
      if (kind.make_estimate) rows_.push_back({kind.number, kind.make_estimate(vocabulary_, level_)});
  last_costs_.clear();
  for (const Row& row : rows_) last_costs_.push_back({row.kind, row.estimate(segment)});
  last_segment_.assign(segment.begin(), segment.end());
  return last_costs_;
}

}  // namespace ssmz::codec
