// SPDX-License-Identifier: Apache-2.0
// Finds the parts of a content that have kinds of their own: pictures, sound and JPEG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/samples/found_region.hpp"

namespace ssmz::codec {

/// Looks at a content window by window; what reaches over a window's end goes on in the next.
class RegionFinder {
 public:
  /// The regions of the next window, rising, apart from each other.
  [[nodiscard]] std::vector<Region> find(std::span<const std::uint8_t> window);

 private:
  bool find_jpeg(std::span<const std::uint8_t> window, std::size_t at, std::vector<Region>& regions);
  void resume(std::span<const std::uint8_t> window, std::vector<Region>& regions);
  void take(std::size_t at, std::span<const std::uint8_t> window, std::vector<Region>& regions);

  bool first_ = true;           // window
  std::uint64_t left_ = 0;      // bytes of a region that are still to come
  std::uint64_t into_row_ = 0;  // bytes of its last row that have come
  std::uint32_t unit_ = 1;
  bool between_samples_ = true;  // where the last window ended
  BlockType type_;
  bool in_scan_ = false;  // of JPEG, where the last window ended
};

}  // namespace ssmz::codec
