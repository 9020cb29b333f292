// SPDX-License-Identifier: Apache-2.0
// Pieces of written parts, the kinds of their plain bytes, and whether they pay.
#include "codec/frame/plan_transforms.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "codec/base/little_endian.hpp"
#include "codec/base/log2.hpp"
#include "codec/block/drawing_layout.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/plan_ranks.hpp"
#include "codec/image/bilevel_model.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/image/raw_planes.hpp"
#include "codec/transform/differences.hpp"
#include "codec/transform/instructions.hpp"
#include "codec/transform/lzw_coded.hpp"
#include "codec/transform/png.hpp"
#include "codec/transform/zip.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t estimated_piece = std::size_t{4} << 10;

/// What all of `content` would cost as each kind.
Result<std::map<BlockKind, std::uint64_t>> costs_of(Bytes content, const EstimateKinds& estimate_kinds) {
  std::map<BlockKind, std::uint64_t> sums;
  for (; !content.empty(); content = content.subspan(std::min(estimated_piece, content.size()))) {
    const Result<KindCosts> costs = estimate_kinds(content.first(std::min(estimated_piece, content.size())));
    if (!costs.ok()) return costs.status();
    for (const KindCost& cost : costs.value()) sums[cost.kind] += cost.cost;
  }
  return sums;
}

struct Cheapest {
  BlockKind kind;
  std::uint64_t cost;
};

Result<Cheapest> cheapest(Bytes content, const EstimateKinds& estimate_kinds) {
  const Result<std::map<BlockKind, std::uint64_t>> costs = costs_of(content, estimate_kinds);
  if (!costs.ok()) return costs.status();
  const auto least =
      std::ranges::min_element(costs.value(), {}, [](const auto& cost) { return cost.second; });
  return Cheapest{least->first, least->second};
}

bool incompressible(Bytes content) {
  IncompressibilityProbe probe;
  return probe.incompressible(content);
}

/// Less than the probe judges by, too. Digits of such that repeat are better left in the text, where they are
/// found again: 150,000 bytes of /etc/ssh/moduli 4,650 -> 3,694 at -5.
bool looks_random(Bytes content) {
  constexpr std::uint64_t random_sixteenths =
      115;  // of a bit a byte, by frequencies; 512 random bytes have 121
  if (content.size() >= IncompressibilityProbe::min_segment) return incompressible(content);
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint8_t byte : content) ++counts[byte];
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts)
    if (count != 0) sum += count * (log2_sixteenths(content.size()) - log2_sixteenths(count));
  return sum >= content.size() * random_sixteenths;
}

using Blocks = std::vector<PlannedBlock>;

/// Neighbours of one kind as one block: within another block none needs to leave early.
Blocks merged(const Blocks& blocks) {
  Blocks out;
  for (const PlannedBlock& block : blocks) {
    if (!out.empty() && out.back().type == block.type && out.back().type.layout == 0)
      out.back().size += block.size;
    else
      out.push_back(block);
  }
  return out;
}

/// None longer than a header can say: rows of pixels and sound go on in the next one.
Blocks in_pieces(const Blocks& blocks) {
  constexpr std::size_t most = max_block_size / 12 * 12;  // whole samples of one to four bytes
  Blocks out;
  for (PlannedBlock block : blocks) {
    while (block.size > max_block_size) {
      out.push_back(block);
      out.back().size = most;
      block.size -= most;
      if (find_kind(block.type.kind)->valid_layout) block.type.layout |= 1;
    }
    out.push_back(std::move(block));
  }
  return out;
}

/// Whether none is of a kind that knows what deflate does not.
bool are_general(const Blocks& blocks) {
  return std::all_of(blocks.begin(), blocks.end(), [](const PlannedBlock& block) {
    const BlockKind kind = block.type.kind;
    return kind == BlockKind::bytes || kind == BlockKind::text || kind == BlockKind::stored;
  });
}

// Corrections are random, and to a model of the content they are worse than that: of 1,790 bytes in front of
// text, one block of both took 2,400. A block of their own takes some bytes.
constexpr std::size_t least_front = 48;

/// What has no kind of its own beside the content: `random` bytes with corrections, and then others.
void insert_front(std::size_t random, std::size_t others, Blocks& blocks) {
  constexpr std::size_t least_modelled = 32;
  if (random < least_front) others += random, random = 0;
  if (others != 0)
    blocks.insert(blocks.begin(), {others < least_modelled ? BlockKind::stored : BlockKind::bytes, others});
  if (random != 0) blocks.insert(blocks.begin(), {BlockKind::stored, random});
}

/// One block of what is written, as `blocks` or as a block of one kind.
Result<Blocks> whole_block(Bytes part, TransformLayout layout, Bytes plain, Blocks blocks,
                           const EstimateKinds& estimate_kinds, const KnownCorrections& known = {}) {
  layout.plain_size = static_cast<std::uint32_t>(plain.size());
  layout.kind = TransformLayout::blocks;
  if (blocks.empty()) {
    const Result<Cheapest> best = cheapest(plain, estimate_kinds);
    if (!best.ok()) return best.status();
    layout.kind = static_cast<std::uint8_t>(best.value().kind);
  }
  if (!can_write(layout, part.size())) return Blocks();
  return Blocks{{{BlockKind::transformed, layout.packed()}, part.size(), std::move(blocks), known}};
}

/// Bytes in front of what a stream holds.
std::size_t front_size(const TransformLayout& layout, Bytes plain) {
  if (layout.transform == Transform::lzw) {
    const std::optional<LzwFront> front = lzw_front(layout, plain);
    return front ? front->size : 0;
  }
  if (!layout.crlf) return 0;
  ByteReader reader(plain);
  const auto size = static_cast<std::size_t>(reader.varint());
  return reader.position() + size;
}

/// Whether what models gain on a stream of general content pays for its corrections. They gain 40 % of text's
/// that is a third of it, 27 % of what is 2/5, and little of what deflate hardly makes smaller.
bool corrections_pay(std::size_t corrections, std::size_t content, std::size_t stream) {
  const std::uint64_t saved = content > stream ? content - stream : 0;
  return std::uint64_t{corrections} * content * 5 <= saved * stream * 2;
}

/// Blocks of plain bytes, planned as a frame's content is.
Result<Blocks> plan_plain(Bytes plain, const EstimateKinds& estimate_kinds, Nesting nesting) {
  if (nesting.depth <= 0) return Blocks();
  IncompressibilityProbe probe;
  RegionFinder regions;
  Result<Blocks> planned =
      plan_blocks(plain, probe, regions, estimate_kinds, {}, nesting.depth - 1, &nesting.plain_left);
  if (!planned.ok()) return planned.status();
  return in_pieces(merged(planned.value()));
}

/// Digits of a file that has parts of other kinds than the general ones, an image or an archive attached to a
/// mail: one block. None of others: they are cut.
Result<Blocks> plan_attached(Bytes part, TransformLayout layout, const EstimateKinds& estimate_kinds,
                             Nesting nesting) {
  layout.ends_line = layout.line != 0 && part.back() == '\n';
  if (nesting.depth <= 0) return Blocks();
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part);
  if (!plain || !nesting.take(plain->size())) return Blocks();
  Result<Blocks> blocks = plan_plain(*plain, estimate_kinds, nesting);
  if (!blocks.ok()) return blocks.status();
  if (are_general(blocks.value())) return Blocks();
  return whole_block(part, layout, *plain, std::move(blocks).value(), estimate_kinds);
}

/// Whether models that know no kind but the general ones make what a stream holds smaller than the stream is.
/// It is not estimated: estimates see 4 KiB at a time, less than deflate's window, and models beat deflate
/// and bzip2 on what these made smaller. What they hardly did is of such a kind, pictures for example, that
/// models would not but as pictures. LZW gains less than any model does.
bool pays_as_bytes(const TransformLayout& layout, Bytes part, Bytes content, std::size_t front) {
  if (layout.transform == Transform::lzw) return !incompressible(content);
  return content.size() - content.size() / 32 > part.size() &&
         corrections_pay(front, content.size(), part.size());
}

/// The block of rows of pixels, or one of no kind if they are no pixels that a model of them knows.
BlockType pixel_type(const PixelForm& pixels) {
  if (pixels.channels == 0) return {};
  if (pixels.drawn)
    return {BlockKind::drawing, DrawingLayout{pixels.goes_on, pixels.channels, pixels.row}.packed()};
  if (pixels.bits == 1 && pixels.row <= max_bilevel_row)
    return {BlockKind::bilevel, bilevel_layout(pixels.row, pixels.goes_on)};
  if (pixels.bits < 8) return {};
  return {BlockKind::picture,
          PictureLayout{pixels.goes_on, pixels.bits / 8u, pixels.big_endian, pixels.channels, pixels.row}
              .packed()};
}

// What deflate makes so small is drawn: it repeats itself, which the bytes' model knows better. Bytes at -5
// of a picture of a page (870 x 166, PNG 15,559): 13,049, as a picture 14,339.
constexpr std::size_t most_picture_ratio = 8;

/// Icons and charts, which are drawn if they repeat themselves: two such of 154 and 1,181 kB at -3, their
/// first 150,000 bytes as bytes 2,276 and 3,296, as pictures 2,309 and 3,005, as drawings 1,549 and 1,766.
/// Without alpha they are pages of text more often, of which bytes know more: two at -3 6,715 and 3,812, as
/// drawings 6,953 and 4,308.
bool has_alpha(const PixelForm& form) {
  return (form.channels == 2 || form.channels == 4) && form.bits == 8 && !form.differences;
}

/// Rows of differences as blocks of the pixels that they are written from; whole rows in each.
Blocks difference_blocks(Bytes content, const PixelForm& form, BlockType type, std::size_t most,
                         Nesting nesting) {
  Blocks blocks;
  if (nesting.depth <= 1) return blocks;
  TransformLayout layout{
      .transform = Transform::differences, .kind = TransformLayout::blocks, .row = form.row};
  layout.line = DifferenceForm{form.channels, form.bits / 8u, form.big_endian}.packed();
  const std::vector<std::uint8_t> pixels = from_differences(layout, content);
  if (!compressible_as(type, pixels, most) || !nesting.take(content.size())) return blocks;
  for (std::size_t left = content.size(); left > 0; type.layout |= 1) {
    const std::size_t size = std::min<std::size_t>(left, max_block_size / form.row * form.row);
    layout.plain_size = static_cast<std::uint32_t>(size);
    blocks.push_back({{BlockKind::transformed, layout.packed()}, size, {{type, size}}});
    left -= size;
  }
  return blocks;
}

/// Filtered rows as one block: their types, and the pixels that they are made from.
Blocks filtered_blocks(Bytes content, const PixelForm& form, BlockType type, std::size_t most,
                       Nesting nesting) {
  TransformLayout layout{.transform = Transform::filtered, .kind = TransformLayout::blocks, .row = form.row};
  layout.line = static_cast<std::uint16_t>(form.channels * form.bits / 8u - 1);
  if (nesting.depth <= 1 || content.size() > max_block_size) return {};
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, content);
  if (!plain || !nesting.take(plain->size())) return {};
  const std::size_t types = plain->size() / (form.row + std::size_t{1});
  const Bytes pixels = Bytes(*plain).subspan(types);
  if (!compressible_as(type, pixels, most)) return {};
  layout.plain_size = static_cast<std::uint32_t>(plain->size());
  Blocks within{{type, pixels.size()}};
  insert_front(0, types, within);
  return {{{BlockKind::transformed, layout.packed()}, content.size(), std::move(within)}};
}

/// What a stream of `stream` bytes holds as rows of pixels; none if these would not be less than `most`
/// bytes.
Blocks picture_blocks(Bytes content, PixelForm form, std::size_t stream, std::size_t most, Nesting nesting) {
  const bool repeats = content.size() >= stream * most_picture_ratio;
  if (repeats && has_alpha(form)) form.drawn = true;
  const BlockType type = pixel_type(form);
  if (nesting.depth <= 0 || type.kind == BlockKind::stored) return {};
  if (form.drawn && !form.filtered)
    return incompressible(content) ? Blocks() : in_pieces({{type, content.size()}});
  if (repeats && !form.drawn) return {};
  if (form.differences) return difference_blocks(content, form, type, most, nesting);
  if (form.filtered) return filtered_blocks(content, form, type, most, nesting);
  Blocks ranked = plan_ranks(content, type, {nesting.depth - 1, nesting.plain_left});
  if (!ranked.empty()) return ranked;
  return compressible_as(type, content, most) ? in_pieces({{type, content.size()}}) : Blocks();
}

/// A stream is one block, and random bytes to the models if it stays as it is. What it holds is planned as a
/// frame's content is, if there is more than one kind in it.
Result<Blocks> plan_stream(Bytes part, const WrittenPart& written, const EstimateKinds& estimate_kinds,
                           Nesting nesting) {
  const TransformLayout& layout = written.layout;
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part, written.corrections);
  if (!plain || !nesting.take(plain->size())) return Blocks();
  const std::size_t front = front_size(layout, *plain);
  const Bytes content = Bytes(*plain).subspan(front);
  Blocks blocks = picture_blocks(content, written.pixels, part.size(), part.size(), nesting);
  if (blocks.empty()) {
    Result<Blocks> planned = plan_plain(content, estimate_kinds, nesting);
    if (!planned.ok()) return planned.status();
    blocks = std::move(planned).value();
  }
  const bool general = are_general(blocks);
  if (general && !pays_as_bytes(layout, part, content, front)) return Blocks();
  if (blocks.size() == 1 && general && front < least_front) blocks.clear();
  if (!blocks.empty()) insert_front(front, 0, blocks);
  return whole_block(part, layout, *plain, std::move(blocks), estimate_kinds, written.corrections);
}

/// The front with the rows' filter types, and the pixels.
Result<Blocks> plan_png(Bytes part, const WrittenPart& written, const EstimateKinds& estimate_kinds,
                        Nesting nesting) {
  const TransformLayout& layout = written.layout;
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part, written.corrections);
  const std::optional<PngFront> front = plain ? png_front(*plain) : std::nullopt;
  if (!front || !nesting.take(plain->size())) return Blocks();
  const std::size_t content = plain->size() - front->size;
  const std::size_t begin = front->size + png_types(layout, content);
  const Bytes pixels = Bytes(*plain).subspan(begin);
  Blocks blocks = picture_blocks(pixels, written.pixels, part.size(), pixels.size(), nesting);
  if (!blocks.empty()) insert_front(front->size, begin - front->size, blocks);
  return whole_block(part, layout, *plain, std::move(blocks), estimate_kinds, written.corrections);
}

/// Digits of base 85 are one block: their lines hold no whole groups. So are tables.
Result<Blocks> plan_whole(Bytes part, const TransformLayout& layout, const EstimateKinds& estimate_kinds,
                          Nesting nesting) {
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part);
  if (!plain || !nesting.take(plain->size())) return Blocks();
  Result<Blocks> blocks = plan_plain(*plain, estimate_kinds, nesting);
  if (!blocks.ok()) return blocks.status();
  const bool one = blocks.value().size() == 1 && are_general(blocks.value());
  return whole_block(part, layout, *plain, one ? Blocks() : std::move(blocks).value(), estimate_kinds);
}

/// Directory, corrections and contents of an archive: blocks, the last of them planned as a frame's content.
Result<Blocks> plan_zip(Bytes part, const WrittenPart& written, const EstimateKinds& estimate_kinds,
                        Nesting nesting) {
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(written.layout, part, written.corrections);
  const std::optional<ZipFront> front = plain ? zip_front(*plain) : std::nullopt;
  if (!front || !nesting.take(plain->size())) return Blocks();
  Result<Blocks> blocks =
      plan_plain(Bytes(*plain).subspan(front->directory + front->corrections), estimate_kinds, nesting);
  if (!blocks.ok()) return blocks.status();
  // Corrections that are random have a block of their own, few do not.
  const bool own = front->corrections >= least_front;
  if (own) insert_front(front->corrections, 0, blocks.value());
  insert_front(0, front->directory + (own ? 0 : front->corrections), blocks.value());
  return whole_block(part, written.layout, *plain, std::move(blocks).value(), estimate_kinds,
                     written.corrections);
}

/// A font's encrypted part is one block: its cipher's state is that of all bytes before.
Result<Blocks> plan_eexec(Bytes part, const TransformLayout& layout, const EstimateKinds& estimate_kinds,
                          Nesting nesting) {
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part);
  if (!plain || !nesting.take(plain->size()) || incompressible(*plain)) return Blocks();
  return whole_block(part, layout, *plain, {}, estimate_kinds);
}

/// Machine code, and records, in whole units in pieces as long as other blocks; places of code follow each
/// other.
Result<Blocks> plan_bytes(Bytes part, TransformLayout layout, Nesting nesting) {
  static_assert(longest_general_block % instruction_places == 0);
  const std::size_t longest = longest_general_block / unit_of(layout) * unit_of(layout);
  Blocks blocks;
  layout.kind = static_cast<std::uint8_t>(BlockKind::bytes);
  for (; !part.empty(); part = part.subspan(std::min(longest, part.size()))) {
    const std::size_t size = std::min(longest, part.size());
    if (!nesting.take(size)) return Blocks();
    layout.plain_size = static_cast<std::uint32_t>(size);
    blocks.push_back({{BlockKind::transformed, layout.packed()}, size});
    if (layout.transform == Transform::instructions)
      layout.row = (layout.row + static_cast<std::uint32_t>(size / instruction_places)) & longest_pixel_row;
  }
  return blocks;
}

/// Whole pages in pieces as long as other blocks, each planned as what it is.
Result<Blocks> plan_pages(Bytes part, const TransformLayout& layout, const EstimateKinds& estimate_kinds,
                          Nesting nesting) {
  const std::size_t longest = longest_general_block / unit_of(layout) * unit_of(layout);
  Blocks blocks;
  for (; !part.empty(); part = part.subspan(std::min(longest, part.size()))) {
    const Result<Blocks> piece =
        plan_whole(part.first(std::min(longest, part.size())), layout, estimate_kinds, nesting);
    if (!piece.ok() || piece.value().empty()) return piece;
    blocks.insert(blocks.end(), piece.value().begin(), piece.value().end());
  }
  return blocks;
}

bool is_one_block(Transform transform) {
  return transform == Transform::base85 || transform == Transform::symbols ||
         transform == Transform::unwind || transform == Transform::image ||
         transform == Transform::catalogue || transform == Transform::font || transform == Transform::objects;
}

/// Of what is left of a part. Characters of several bytes are not torn apart where there are lines.
std::size_t next_size(Bytes rest, std::size_t unit) {
  constexpr std::size_t near = 1024;
  const std::size_t longest = longest_general_block / unit * unit;
  if (rest.size() <= longest || unit > 1) return std::min(rest.size(), longest);
  const Bytes last = rest.subspan(longest - near, near);
  const auto line_end = std::find(last.rbegin(), last.rend(), '\n');
  return longest - static_cast<std::size_t>(line_end == last.rend() ? 0 : line_end - last.rbegin());
}

}  // namespace

Result<std::vector<PlannedBlock>> plan_written(Bytes part, const WrittenPart& written,
                                               const EstimateKinds& estimate_kinds, Nesting nesting) {
  TransformLayout layout = written.layout;
  if (layout.transform == Transform::zip) return plan_zip(part, written, estimate_kinds, nesting);
  nesting.depth = std::min<int>(nesting.depth, most_nested_depth);
  if (layout.transform == Transform::png) return plan_png(part, written, estimate_kinds, nesting);
  if (holds_stream(layout.transform)) return plan_stream(part, written, estimate_kinds, nesting);
  if (is_one_block(layout.transform)) return plan_whole(part, layout, estimate_kinds, nesting);
  if (layout.transform == Transform::pages) return plan_pages(part, layout, estimate_kinds, nesting);
  if (layout.transform == Transform::eexec) return plan_eexec(part, layout, estimate_kinds, nesting);
  if (layout.transform == Transform::instructions || layout.transform == Transform::steps)
    return plan_bytes(part, layout, nesting);
  const bool is_text = !has_lines(layout.transform);
  if (!is_text) {
    Result<Blocks> attached = plan_attached(part, layout, estimate_kinds, nesting);
    if (!attached.ok() || !attached.value().empty()) return attached;
  }
  std::vector<PlannedBlock> blocks;
  while (!part.empty()) {
    const Bytes piece = part.first(next_size(part, unit_of(layout)));
    part = part.subspan(piece.size());
    layout.ends_line = !is_text && layout.line != 0 && piece.back() == '\n';
    std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, piece);
    layout.crlf = is_text ? plain && has_carriage_returns(*plain) : layout.crlf;
    if (layout.crlf && is_text) plain = plain_of(layout, piece);
    if (!plain || !nesting.take(plain->size())) return std::vector<PlannedBlock>();
    layout.plain_size = static_cast<std::uint32_t>(plain->size());
    if (written.repeated && looks_random(*plain)) return std::vector<PlannedBlock>();
    if (incompressible(*plain)) {
      layout.kind = static_cast<std::uint8_t>(BlockKind::stored);
    } else {
      const Result<Cheapest> best = cheapest(*plain, estimate_kinds);
      if (!best.ok()) return best.status();
      if (is_text) {  // units that look like characters may be none; digits of binary data are sure
        const Result<Cheapest> as_it_is = cheapest(piece, estimate_kinds);
        if (!as_it_is.ok()) return as_it_is.status();
        if (as_it_is.value().cost <= best.value().cost) return std::vector<PlannedBlock>();
      }
      layout.kind = static_cast<std::uint8_t>(best.value().kind);
    }
    blocks.push_back({{BlockKind::transformed, layout.packed()}, piece.size()});
  }
  return blocks;
}

void transform_lines(Bytes part, std::vector<PlannedBlock>& blocks, std::uint64_t& plain_left) {
  for (PlannedBlock& block : blocks) {
    const Bytes raw = part.first(block.size);
    part = part.subspan(block.size);
    if (block.type.kind != BlockKind::text) continue;
    if (!has_carriage_returns(raw)) continue;
    TransformLayout layout{.kind = static_cast<std::uint8_t>(BlockKind::text), .crlf = true};
    const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, raw);
    if (!plain || !Nesting{0, plain_left}.take(plain->size())) continue;
    layout.plain_size = static_cast<std::uint32_t>(plain->size());
    block.type = {BlockKind::transformed, layout.packed()};
  }
}

}  // namespace ssmz::codec
