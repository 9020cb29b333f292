// SPDX-License-Identifier: Apache-2.0
// The table of the kinds of block.
#include "codec/block/registry.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "codec/audio/sound_model.hpp"
#include "codec/bytes/byte_content.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/text/text_content.hpp"

namespace ssmz::codec {
namespace {

// In the order in which equal estimates are preferred.
constexpr std::array<ContentKind, 6> kinds = {{
    {"stored", BlockKind::stored, nullptr, nullptr, nullptr, nullptr, nullptr},
    {"bytes", BlockKind::bytes, estimate_bytes, nullptr, make_byte_content, byte_memory, nullptr},
    {"text", BlockKind::text, estimate_text, favour_text, make_text_content, text_memory, nullptr},
    {"bilevel", BlockKind::bilevel, nullptr, nullptr, make_bilevel_content, bilevel_memory,
     valid_bilevel_layout},
    {"picture", BlockKind::picture, nullptr, nullptr, make_picture_content, picture_memory,
     valid_picture_layout},
    {"sound", BlockKind::sound, nullptr, nullptr, make_sound_content, sound_memory, valid_sound_layout},
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

BlockKind cheapest_kind(const std::shared_ptr<const Vocabulary>& vocabulary,
                        std::span<const std::uint8_t> segment) {
  BlockKind best = BlockKind::bytes;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const ContentKind& kind : kinds) {
    if (!kind.estimate) continue;
    const std::uint64_t cost = kind.estimate(vocabulary, segment);
    if (cost >= least) continue;
    least = cost;
    best = kind.number;
  }
  return best;
}

}  // namespace ssmz::codec
