// SPDX-License-Identifier: Apache-2.0
// What a picture's or a sound's ranks are a block of.
#include "codec/frame/plan_ranks.hpp"

#include <optional>

#include "codec/audio/sample_grain.hpp"
#include "codec/audio/sound_layout.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/transform/ranks.hpp"

namespace ssmz::codec {
namespace {

std::optional<RankForm> form_of(BlockType type) {
  RankForm form;
  if (type.kind == BlockKind::picture) {
    const PictureLayout layout = PictureLayout::of(type.layout);
    form = {layout.sample_bytes, layout.big_endian, layout.is_signed, false, layout.channels};
  } else if (type.kind == BlockKind::sound) {
    const SoundLayout layout = SoundLayout::of(type.layout);
    if (layout.form != SampleForm::whole) return {};
    form = {layout.sample_bytes, layout.big_endian, layout.is_signed, true, layout.channels};
  } else {
    return {};
  }
  if (form.sample_bytes > 2) return {};
  form.big_endian = form.big_endian && form.sample_bytes == 2;  // of one byte it may be either
  return form;
}

/// The type of its ranks.
BlockType type_of_ranks(BlockType type, unsigned rank_bytes) {
  if (type.kind == BlockKind::picture) {
    PictureLayout layout = PictureLayout::of(type.layout);
    layout.row_bytes = layout.row_bytes / layout.sample_bytes * rank_bytes;
    layout.sample_bytes = rank_bytes;
    layout.big_endian = layout.is_signed = false;
    return {type.kind, layout.packed()};
  }
  SoundLayout layout = SoundLayout::of(type.layout);
  layout.sample_bytes = rank_bytes;
  layout.big_endian = layout.is_signed = false;
  return {type.kind, layout.packed()};
}

}  // namespace

std::vector<PlannedBlock> plan_ranks(std::span<const std::uint8_t> samples, BlockType type, Nesting nesting) {
  const std::optional<RankForm> form = form_of(type);
  if (!form || nesting.depth <= 0 || samples.size() > max_block_size) return {};
  TransformLayout layout{
      .transform = Transform::ranks, .kind = TransformLayout::blocks, .line = form->packed()};
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, samples);
  // Looked for last: most sound has too many values.
  if (!plain || (type.kind == BlockKind::sound && have_noisy_grain(SoundLayout::of(type.layout), samples)))
    return {};
  if (!nesting.take(plain->size())) return {};
  const std::optional<RanksFront> front = ranks_front(layout, *plain);
  if (!front) return {};
  layout.plain_size = static_cast<std::uint32_t>(plain->size());
  return {{{BlockKind::transformed, layout.packed()},
           samples.size(),
           {{{BlockKind::bytes}, front->size},
            {type_of_ranks(type, front->rank_bytes), plain->size() - front->size}}}};
}

}  // namespace ssmz::codec
