// SPDX-License-Identifier: Apache-2.0
// Segments get kinds; runs of one kind become blocks.
#include "codec/frame/plan.hpp"

#include <algorithm>

#include "codec/audio/sound_layout.hpp"
#include "codec/block/registry.hpp"
#include "codec/frame/archives_in_plan.hpp"
#include "codec/frame/plan_ranks.hpp"
#include "codec/frame/plan_transforms.hpp"

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

/// Sound goes on behind what of it is copied, silence above all: ten seconds of it are a copy of bytes
/// before.
void leave_out_copied_sound(std::vector<Region>& regions, std::span<const Copy> copies) {
  std::vector<Region> pieces;
  for (Region rest : regions) {
    for (const Copy& copy : copies) {
      if (rest.type.kind != BlockKind::sound) break;
      const std::size_t end = rest.at + rest.size;
      if (copy.at + copy.size <= rest.at || copy.at >= end) continue;
      const SoundLayout layout = SoundLayout::of(rest.type.layout);
      const std::size_t moment = std::size_t{layout.channels} * layout.sample_bytes;
      const std::size_t before = (copy.at - std::min(copy.at, rest.at) + moment - 1) / moment * moment;
      const std::size_t behind = (std::min(end, copy.at + copy.size) - rest.at) / moment * moment;
      if (behind < before + CopyFinder::least_size(copy.distance)) continue;
      if (before > 0) {
        pieces.push_back({rest.at, before, rest.type});
        rest.type.layout |= 1;  // goes on
      }
      rest.at += behind;
      rest.size -= behind;
    }
    if (rest.size > 0) pieces.push_back(rest);
  }
  regions = std::move(pieces);
}

/// Copies, and the regions that are not copied, rising and apart. A region stays whole: a copy gives up what
/// it holds of one that it does not hold all of.
std::vector<Region> set_apart(std::vector<Region> regions, const CopiesInPlan& found) {
  copy_jpeg(regions, found.shorter);
  leave_out_copied_sound(regions, found.copies);
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

/// Blocks of a window, as they are planned from its beginning on.
class WindowPlan {
 public:
  WindowPlan(IncompressibilityProbe& probe, const EstimateKinds& estimate_kinds, int nesting,
             std::uint64_t* plain_left)
      : probe_(probe), estimate_kinds_(estimate_kinds), nesting_(nesting), plain_left_(plain_left) {}

  Status plan(Bytes window, RegionFinder& regions, CopiesInPlan copies, bool with_archives) {
    std::size_t from = 0;
    std::vector<Region> apart = set_apart(regions.find(window), copies);
    std::vector<WrittenPart> archives;
    if (nesting_ > 0) {
      const std::vector<WrittenPart> wholes = find_wholes(window);
      give_up_to_wholes(window, wholes, apart);
      if (with_archives) archives = take_archives(window, wholes, left(), apart);
    }
    auto archive = archives.begin();
    const auto plan_up_to = [&](std::size_t to) -> Status {
      for (; archive != archives.end() && archive->at < to; ++archive) {
        if (const Status status = plan_gap(window.subspan(from, archive->at - from)); !status.ok())
          return status;
        from = archive->at + archive->size;
        if (const Status status = plan_archive(window.subspan(archive->at, archive->size), *archive);
            !status.ok())
          return status;
      }
      return plan_gap(window.subspan(from, to - from));
    };
    for (const Region& region : apart) {
      if (const Status status = plan_up_to(region.at); !status.ok()) return status;
      add_region(window.subspan(region.at, region.size), region.type);
      from = region.at + region.size;
    }
    return plan_up_to(window.size());
  }

  [[nodiscard]] std::vector<PlannedBlock> blocks() && { return std::move(blocks_); }

 private:
  using Planned = Result<std::vector<PlannedBlock>>;

  [[nodiscard]] std::uint64_t left() const { return plain_left_ ? *plain_left_ : ~std::uint64_t{0}; }

  /// What is taken from `own` where nothing holds this content.
  [[nodiscard]] Nesting nesting(std::uint64_t& own) const {
    return {nesting_, plain_left_ ? *plain_left_ : own};
  }

  Status add(Planned&& part) {
    if (part.ok()) blocks_.insert(blocks_.end(), part.value().begin(), part.value().end());
    return part.status();
  }

  Status plan_plain(Bytes part) {
    Planned planned = plan_part(part, probe_, estimate_kinds_);
    std::uint64_t own = part.size();
    if (planned.ok() && nesting_ != no_transforms)
      transform_lines(part, planned.value(), nesting(own).plain_left);
    return add(std::move(planned));
  }

  void add_region(Bytes region, BlockType type) {
    std::uint64_t own = most_nested_plain(region.size());
    std::vector<PlannedBlock> ranked = plan_ranks(region, type, nesting(own));
    if (ranked.empty()) ranked.push_back({type, region.size()});
    (void)add(std::move(ranked));
  }

  Planned plan_found(Bytes part, const WrittenPart& written) {
    std::uint64_t own = most_nested_plain(written.size);
    return plan_written(part, written, estimate_kinds_, nesting(own));
  }

  Status plan_gap(Bytes gap) {
    std::vector<WrittenPart> parts;
    if (nesting_ != no_transforms) parts = find_written_parts(gap, left());
    std::size_t from = 0;
    for (const WrittenPart& written : parts) {
      Planned planned = plan_found(gap.subspan(written.at, written.size), written);
      if (!planned.ok()) return planned.status();
      if (planned.value().empty()) continue;
      if (const Status status = plan_plain(gap.subspan(from, written.at - from)); !status.ok()) return status;
      (void)add(std::move(planned));
      from = written.at + written.size;
    }
    return plan_plain(gap.subspan(from));
  }

  /// One that is not planned as such is planned as what is in it.
  Status plan_archive(Bytes part, const WrittenPart& written) {
    Planned planned = plan_found(part, written);
    if (!planned.ok() || !planned.value().empty()) return add(std::move(planned));
    RegionFinder regions;
    return plan(part, regions, {}, false);
  }

  IncompressibilityProbe& probe_;
  const EstimateKinds& estimate_kinds_;
  int nesting_;
  std::uint64_t* plain_left_;
  std::vector<PlannedBlock> blocks_;
};

}  // namespace

Result<std::vector<PlannedBlock>> plan_blocks(Bytes window, IncompressibilityProbe& probe,
                                              RegionFinder& regions, const EstimateKinds& estimate_kinds,
                                              CopiesInPlan copies, int nesting, std::uint64_t* plain_left) {
  WindowPlan plan(probe, estimate_kinds, nesting, plain_left);
  if (const Status status = plan.plan(window, regions, copies, true); !status.ok()) return status;
  return std::move(plan).blocks();
}

}  // namespace ssmz::codec
