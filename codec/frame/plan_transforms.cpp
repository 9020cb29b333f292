// SPDX-License-Identifier: Apache-2.0
// Pieces of written parts, the kinds of their plain bytes, and whether they pay.
#include "codec/frame/plan_transforms.hpp"

#include <algorithm>
#include <map>

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

/// A stream is one block, and random bytes to the models if it stays as it is. Estimates of the plain bytes
/// see 4 KiB at a time, less than deflate's window, so they are not asked: models beat deflate on what it
/// made smaller. What it hardly did is of such a kind, pictures for example, that they would not.
Result<std::vector<PlannedBlock>> plan_stream(Bytes part, TransformLayout layout,
                                              const EstimateKinds& estimate_kinds) {
  const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, part);
  if (!plain || plain->size() - plain->size() / 32 <= part.size()) return std::vector<PlannedBlock>();
  const Result<Cheapest> best = cheapest(*plain, estimate_kinds);
  if (!best.ok()) return best.status();
  layout.plain_size = static_cast<std::uint32_t>(plain->size());
  layout.kind = static_cast<std::uint8_t>(best.value().kind);
  if (!can_write(layout, part.size())) return std::vector<PlannedBlock>();
  return std::vector<PlannedBlock>{{{BlockKind::transformed, layout.packed()}, part.size()}};
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

Result<std::vector<PlannedBlock>> plan_written(Bytes part, TransformLayout layout,
                                               const EstimateKinds& estimate_kinds) {
  if (layout.transform == Transform::deflated) return plan_stream(part, layout, estimate_kinds);
  const bool is_text = !has_lines(layout.transform);
  std::vector<PlannedBlock> blocks;
  while (!part.empty()) {
    const Bytes piece = part.first(next_size(part, unit_of(layout)));
    part = part.subspan(piece.size());
    layout.ends_line = !is_text && layout.line != 0 && piece.back() == '\n';
    std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, piece);
    layout.crlf = is_text ? plain && has_carriage_returns(*plain) : layout.crlf;
    if (layout.crlf && is_text) plain = plain_of(layout, piece);
    if (!plain) return std::vector<PlannedBlock>();
    layout.plain_size = static_cast<std::uint32_t>(plain->size());
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

void transform_lines(Bytes part, std::vector<PlannedBlock>& blocks) {
  for (PlannedBlock& block : blocks) {
    const Bytes raw = part.first(block.size);
    part = part.subspan(block.size);
    if (block.type.kind != BlockKind::text) continue;
    if (!has_carriage_returns(raw)) continue;
    TransformLayout layout{.kind = static_cast<std::uint8_t>(BlockKind::text), .crlf = true};
    const std::optional<std::vector<std::uint8_t>> plain = plain_of(layout, raw);
    if (!plain) continue;
    layout.plain_size = static_cast<std::uint32_t>(plain->size());
    block.type = {BlockKind::transformed, layout.packed()};
  }
}

}  // namespace ssmz::codec
