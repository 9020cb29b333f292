// SPDX-License-Identifier: Apache-2.0
// Cuts content into blocks and chooses each block's kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "codec/block/block_coder.hpp"
#include "codec/frame/copy_finder.hpp"
#include "codec/frame/frame.hpp"
#include "codec/frame/incompressible.hpp"
#include "codec/frame/region_finder.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {

/// Content is planned at most this many bytes at a time; also the longest block an encoder makes. Long enough
/// that kinds and regions are seen whole, short enough for a pipe's memory. Not FORMAT.
inline constexpr std::size_t plan_window = std::size_t{8} << 20;
/// As much when it begins with a stream that would not be whole else. Not FORMAT.
inline constexpr std::size_t longest_window = 2 * plan_window;
/// Longest block of the general kinds, whose output leaves when it ends: at -5 some five seconds. Not FORMAT.
inline constexpr std::size_t longest_general_block = std::size_t{256} << 10;

/// What changing the kind costs in the unit of estimates, sixteenths of a bit: what a model learns of one
/// part it knows in the next of its kind only. A tar of 45 pieces of 700 to 40,000 bytes of all sorts, one of
/// seven files of both kinds, trans, at -1: 96 bytes 87,356, 93,786, 15,352; 192 to 256 87,356, 90,118,
/// 12,484; 576 89,131, 90,687, 12,484. The first at -4: 144 bytes 78,594, 192 78,622, 256 78,717.
inline constexpr std::uint64_t change_cost = std::uint64_t{192} * 8 * 16;

struct PlannedBlock {
  BlockType type{};
  std::size_t size = 0;
  std::vector<PlannedBlock> blocks{};  ///< Of one whose plain bytes are blocks (is_nested()): these.
  KnownCorrections corrections{};      ///< Likewise, of its stream.

  friend bool operator==(const PlannedBlock& a, const PlannedBlock& b) {
    return a.type == b.type && a.size == b.size && a.blocks == b.blocks;
  }
};

/// For plan_blocks(): what was found to be copied, and what is too short for that; of those only blocks of
/// JPEG become copies, whose model has no matches.
struct CopiesInPlan {
  std::span<const Copy> copies{};
  std::span<const Copy> shorter{};
};

/// For plan_blocks(): what is written from plainer bytes is not found.
inline constexpr int no_transforms = -1;

/// Blocks that cover `window` (at most longest_window bytes, plain ones more; none if it is empty),
/// neighbours differing in kind unless one would be longer than longest_general_block. The kind is chosen
/// every few KiB by `probe` and `estimate_kinds` (called only for data that may be compressible) so that
/// costs and changes together are least; borders between text and bytes are moved to where they fit. What
/// `regions` finds is blocks of its own, and what `copies` says, but for what of it lies in a region that is
/// not copied whole, and so is what is written from plainer bytes. Those are blocks themselves, up to
/// `nesting` deep, but most_nested_depth at most if the outermost is no archive, or at 0 of one kind; with
/// no_transforms it stays as it is. `plain_left` of a window that is plain bytes itself is how many more the
/// block of the frame may have (most_nested_plain()); what is tried is taken from it, so that time is bounded
/// too.
[[nodiscard]] Result<std::vector<PlannedBlock>> plan_blocks(
    std::span<const std::uint8_t> window, IncompressibilityProbe& probe, RegionFinder& regions,
    const EstimateKinds& estimate_kinds, CopiesInPlan copies = {}, int nesting = most_depth_in_archive,
    std::uint64_t* plain_left = nullptr);

}  // namespace ssmz::codec
