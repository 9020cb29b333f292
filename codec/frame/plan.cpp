// SPDX-License-Identifier: Apache-2.0
// Segments get kinds; runs of one kind become blocks.
#include "codec/frame/plan.hpp"

#include <algorithm>

#include "codec/block/registry.hpp"
#include "codec/frame/plan_transforms.hpp"
#include "codec/transform/objects.hpp"
#include "codec/transform/windows_image.hpp"

namespace ssmz::codec {

namespace {

/// Unit of the choice among kinds. Small enough for the members of a tar, large enough to estimate
/// costs.
constexpr std::size_t segment_size = std::size_t{4} << 10;
/// Unit of the test for incompressible data: contexts need this much to show.
constexpr std::size_t probe_size = std::size_t{64} << 10;
/// Strings repeated elsewhere, in 1/256, from which on a flat segment is worth modelling after all.
constexpr unsigned worthwhile_repeats = 32;

using Bytes = std::span<const std::uint8_t>;

Bytes piece(Bytes window, std::size_t at, std::size_t size) {
  return window.subspan(at, std::min(size, window.size() - at));
}

/// For each probe_size piece whether to store it. What the probe lets pass may be so only because it repeats
/// a piece that the probe has seen, so strings are sought in all pieces: else the model would see the second
/// copy first.
std::vector<bool> stored_pieces(Bytes window, IncompressibilityProbe& probe) {
  std::vector<bool> stored;
  std::vector<Bytes> pieces;
  for (std::size_t at = 0; at < window.size(); at += probe_size) {
    pieces.push_back(piece(window, at, probe_size));
    stored.push_back(probe.incompressible(pieces.back()));
  }
  if (std::find(stored.begin(), stored.end(), true) == stored.end()) return stored;
  const std::vector<unsigned> repeats = repeated_share(pieces);
  for (std::size_t i = 0; i < pieces.size(); ++i) stored[i] = stored[i] && repeats[i] < worthwhile_repeats;
  return stored;
}

/// The kinds of segments one behind the other that cost the least together; the first in the registry of
/// equals.
std::vector<BlockKind> cheapest_kinds(const std::vector<KindCosts>& segments) {
  const std::size_t count = segments.empty() ? 0 : segments.front().size();
  std::vector<std::uint64_t> total(count, 0);                     // of the best way that ends with each kind
  std::vector<std::vector<std::size_t>> before(segments.size());  // the kind before it
  for (std::size_t at = 0; at < segments.size(); ++at) {
    const auto least = static_cast<std::size_t>(std::min_element(total.begin(), total.end()) - total.begin());
    const std::uint64_t changed = total[least] + (at > 0 ? change_cost : 0);
    for (std::size_t kind = 0; kind < count; ++kind) {
      before[at].push_back(changed < total[kind] ? least : kind);
      total[kind] = std::min(changed, total[kind]) + segments[at][kind].cost;
    }
  }
  std::vector<BlockKind> kinds(segments.size());
  auto kind = static_cast<std::size_t>(std::min_element(total.begin(), total.end()) - total.begin());
  for (std::size_t at = segments.size(); at-- > 0; kind = before[at][kind])
    kinds[at] = segments[at][kind].kind;
  return kinds;
}

int favour(const ContentKind* kind, std::uint8_t byte) noexcept {
  return kind && kind->favour ? kind->favour(byte) : 0;
}

/// Where within one segment to either side of `border` the two kinds part best.
std::size_t refined_border(Bytes window, std::size_t border, const ContentKind* before,
                           const ContentKind* behind) {
  const std::size_t from = border - std::min(border, segment_size);
  const std::size_t to = std::min(window.size(), border + segment_size);
  std::int64_t score = 0;
  std::int64_t best = 0;
  std::size_t best_at = from;
  for (std::size_t at = from; at < to; ++at) {
    score += favour(before, window[at]) - favour(behind, window[at]);
    if (score > best) {
      best = score;
      best_at = at + 1;
    }
  }
  return best_at;
}

std::vector<PlannedBlock> merge(Bytes window, const std::vector<BlockKind>& kinds) {
  std::vector<PlannedBlock> blocks;
  std::size_t start = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const bool last = i + 1 == kinds.size();
    if (!last && kinds[i + 1] == kinds[i]) continue;
    std::size_t end = last ? window.size() : (i + 1) * segment_size;
    if (!last && kinds[i] != BlockKind::stored && kinds[i + 1] != BlockKind::stored) {
      end = std::max(start, refined_border(window, end, find_kind(kinds[i]), find_kind(kinds[i + 1])));
    }
    if (!blocks.empty() && blocks.back().type.kind == kinds[i]) {
      blocks.back().size += end - start;  // what was between has vanished
    } else if (end > start) {
      blocks.push_back({kinds[i], end - start});
    }
    start = end;
  }
  return blocks;
}

/// Size of the next block of so many bytes of a kind: up to the last line's end, or space, near the longest
/// size. A block's end amid a word costs its model more.
std::size_t next_size(Bytes rest) {
  if (rest.size() <= longest_general_block + longest_general_block / 4) return rest.size();
  constexpr std::size_t near = 256;
  for (const std::uint8_t border : {'\n', ' '}) {
    for (std::size_t size = longest_general_block; size > longest_general_block - near; --size)
      if (rest[size - 1] == border) return size;
  }
  return longest_general_block;
}

/// Modelled blocks in pieces, so that what is coded of one does not wait for all of it.
std::vector<PlannedBlock> cut(Bytes part, const std::vector<PlannedBlock>& blocks) {
  std::vector<PlannedBlock> pieces;
  for (const PlannedBlock& block : blocks) {
    Bytes rest = part.first(block.size);
    part = part.subspan(block.size);
    while (!rest.empty()) {
      const std::size_t size = block.type.kind == BlockKind::stored ? rest.size() : next_size(rest);
      pieces.push_back({block.type, size});
      rest = rest.subspan(size);
    }
  }
  return pieces;
}

/// Of a part without regions.
Result<std::vector<PlannedBlock>> plan_part(Bytes part, IncompressibilityProbe& probe,
                                            const EstimateKinds& estimate_kinds) {
  const std::vector<bool> stored = stored_pieces(part, probe);
  std::vector<BlockKind> kinds;
  std::vector<KindCosts> modelled;  // of the segments since the last stored one
  const auto choose = [&] {
    const std::vector<BlockKind> chosen = cheapest_kinds(modelled);
    kinds.insert(kinds.end(), chosen.begin(), chosen.end());
    modelled.clear();
  };
  for (std::size_t at = 0; at < part.size(); at += segment_size) {
    if (stored[at / probe_size]) {
      choose();
      kinds.push_back(BlockKind::stored);
      continue;
    }
    Result<KindCosts> costs = estimate_kinds(piece(part, at, segment_size));
    if (!costs.ok()) return costs.status();
    modelled.push_back(std::move(costs).value());
  }
  choose();
  return cut(part, merge(part, kinds));
}

/// A region of JPEG that one of `copies` holds whole becomes a copy itself. Two of 6,600 bytes one behind the
/// other: 8,646 -> 6,100 bytes at -1.
void copy_jpeg(std::vector<Region>& regions, std::span<const Copy> copies) {
  for (Region& region : regions) {
    if (region.type.kind != BlockKind::jpeg) continue;
    const auto holds = [&](const Copy& copy) {
      return copy.at <= region.at && region.at + region.size <= copy.at + copy.size;
    };
    const auto found = std::ranges::find_if(copies, holds);
    if (found != copies.end()) region.type = {BlockKind::copy, found->distance};
  }
}

/// Copies, and the regions that are not copied, rising and apart. A region stays whole: a copy gives up what
/// it holds of one that it does not hold all of.
std::vector<Region> set_apart(std::vector<Region> regions, const CopiesInPlan& found) {
  copy_jpeg(regions, found.shorter);
  std::vector<Region> parts;
  const auto end_of = [](const Region& part) { return part.at + part.size; };
  auto region = regions.begin();
  for (const Copy& copy : found.copies) {
    for (; region != regions.end() && region->at < copy.at; ++region) parts.push_back(*region);
    const std::size_t from = parts.empty() ? copy.at : std::max(copy.at, end_of(parts.back()));
    std::size_t to = copy.at + copy.size;
    auto behind = region;
    while (behind != regions.end() && behind->at < to)
      if (end_of(*behind) > to)
        to = behind->at;
      else
        ++behind;
    if (from + CopyFinder::least_size(copy.distance) > to) continue;
    parts.push_back({from, to - from, {BlockKind::copy, copy.distance}});
    region = behind;
  }
  parts.insert(parts.end(), region, regions.end());
  return parts;
}

/// What lies in an image of Windows, an object or an archive of these, whose tables need all of it, is no
/// region: it is found within its plain bytes. So are copies, by the models, if they are not most of it.
void give_up_to_wholes(Bytes window, std::vector<Region>& regions) {
  std::vector<WrittenPart> wholes;
  find_images(window, wholes);
  find_objects(window, wholes);
  for (const WrittenPart& part : wholes) {
    const std::size_t end = part.at + part.size;
    const auto overlaps = [&](const Region& is) { return is.at < end && part.at < is.at + is.size; };
    std::size_t copied = 0;
    bool whole = true, any = false;
    for (const Region& is : regions) {
      if (!overlaps(is)) continue;
      any = true;
      whole = whole && is.at >= part.at && is.at + is.size <= end;
      if (is.type.kind == BlockKind::copy) copied += is.size;
    }
    if (!any || !whole || copied > part.size / 4) continue;
    if (plain_of(part.layout, window.subspan(part.at, part.size))) std::erase_if(regions, overlaps);
  }
}

}  // namespace

Result<std::vector<PlannedBlock>> plan_blocks(Bytes window, IncompressibilityProbe& probe,
                                              RegionFinder& regions, const EstimateKinds& estimate_kinds,
                                              CopiesInPlan copies, int nesting, std::uint64_t* plain_left) {
  std::vector<PlannedBlock> blocks;
  const auto add = [&](Result<std::vector<PlannedBlock>>&& part) -> Status {
    if (part.ok()) blocks.insert(blocks.end(), part.value().begin(), part.value().end());
    return part.status();
  };
  const auto plan_plain = [&](Bytes part) -> Status {
    Result<std::vector<PlannedBlock>> planned = plan_part(part, probe, estimate_kinds);
    std::uint64_t own = part.size();
    if (planned.ok() && nesting != no_transforms)
      transform_lines(part, planned.value(), plain_left ? *plain_left : own);
    return add(std::move(planned));
  };
  const auto find_parts = [&](Bytes gap) {
    if (nesting == no_transforms) return std::vector<WrittenPart>();
    return plain_left ? find_written_parts(gap, *plain_left) : find_written_parts(gap);
  };
  const auto plan_gap = [&](Bytes gap) -> Status {
    std::size_t from = 0;
    for (const WrittenPart& written : find_parts(gap)) {
      std::uint64_t own = most_nested_plain(written.size);
      Result<std::vector<PlannedBlock>> planned =
          plan_written(gap.subspan(written.at, written.size), written, estimate_kinds,
                       {nesting, plain_left ? *plain_left : own});
      if (!planned.ok()) return planned.status();
      if (planned.value().empty()) continue;
      if (const Status status = plan_plain(gap.subspan(from, written.at - from)); !status.ok()) return status;
      (void)add(std::move(planned));
      from = written.at + written.size;
    }
    return plan_plain(gap.subspan(from));
  };
  std::size_t from = 0;
  std::vector<Region> apart = set_apart(regions.find(window), copies);
  if (nesting > 0) give_up_to_wholes(window, apart);
  for (const Region& region : apart) {
    if (const Status status = plan_gap(window.subspan(from, region.at - from)); !status.ok()) return status;
    blocks.push_back({region.type, region.size});
    from = region.at + region.size;
  }
  if (const Status status = plan_gap(window.subspan(from)); !status.ok()) return status;
  return blocks;
}

}  // namespace ssmz::codec
