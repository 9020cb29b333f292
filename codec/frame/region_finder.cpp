// SPDX-License-Identifier: Apache-2.0
// Headers by their first bytes, raw planes where no header tells.
#include "codec/frame/region_finder.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "codec/audio/raw_sound.hpp"
#include "codec/audio/sound_headers.hpp"
#include "codec/audio/sound_model.hpp"
#include "codec/base/byte_pairs.hpp"
#include "codec/image/picture_headers.hpp"
#include "codec/image/picture_model.hpp"
#include "codec/image/raw_planes.hpp"
#include "codec/jpeg/jpeg_content.hpp"
#include "codec/jpeg/jpeg_finder.hpp"

namespace ssmz::codec {
namespace {

/// Bytes of a sample.
std::uint32_t sample_size(BlockType type) {
  if (type.kind == BlockKind::sound) return SoundLayout::of(type.layout).sample_bytes;
  return type.kind == BlockKind::picture ? PictureLayout::of(type.layout).sample_bytes : 1;
}

std::span<const std::uint8_t> part_of(std::span<const std::uint8_t> window, std::size_t at,
                                      std::uint64_t size) {
  return window.subspan(at, static_cast<std::size_t>(std::min<std::uint64_t>(size, window.size() - at)));
}

std::optional<FoundRegion> find_region(std::span<const std::uint8_t> in, bool whole) {
  std::optional<FoundRegion> found = find_picture(in, whole);
  if (!found) found = find_sound(in);
  return found;
}

constexpr BytePairs beginnings = [] {
  BytePairs pairs;
  for (const std::string_view pair : picture_beginnings) pairs.add(pair);
  for (const std::string_view pair : sound_beginnings) pairs.add(pair);
  for (const std::uint8_t marker : jpeg_first_markers) pairs.add(jpeg_first_byte, marker);
  return pairs;
}();

/// `regions`, and between them what `find(gap)` finds.
template <class Find>
std::vector<Region> with_gaps(std::span<const std::uint8_t> window, const std::vector<Region>& regions,
                              Find&& find) {
  std::vector<Region> all;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= regions.size(); ++i) {
    const std::size_t to = i < regions.size() ? regions[i].at : window.size();
    for (const Region& found : find(window.subspan(from, to - from)))
      all.push_back({from + found.at, found.size, found.type});
    if (i < regions.size()) {
      all.push_back(regions[i]);
      from = regions[i].at + regions[i].size;
    }
  }
  return all;
}

bool worth_it(const FoundRegion& found, std::span<const std::uint8_t> data) {
  return found.type.kind == BlockKind::sound ? compressible_as_sound(found.type.layout, data)
                                             : compressible_as(found.type, data);
}

}  // namespace

std::vector<Region> RegionFinder::find(std::span<const std::uint8_t> window) {
  std::vector<Region> regions;
  resume(window, regions);
  std::size_t at = regions.empty() ? 0 : regions.back().at + regions.back().size;
  while (left_ == 0 && at + 64 < window.size()) {
    const bool whole = first_ && at == 0;
    if (!whole) at = beginnings.find(window, at);
    if (at + 64 >= window.size()) break;
    if (window[at] == jpeg_first_byte) {
      if (find_jpeg(window, at, regions)) {
        at = regions.back().at + regions.back().size;
        continue;
      }
      if (!whole) {
        ++at;
        continue;
      }
    }
    const std::optional<FoundRegion> found = find_region(window.subspan(at), whole);
    if (!found || !worth_it(*found, part_of(window, at + found->offset, found->size))) {
      ++at;
      continue;
    }
    type_ = found->type;
    unit_ = found->unit;
    left_ = found->size;
    into_row_ = 0;
    take(at + found->offset, window, regions);
    at = regions.back().at + regions.back().size;
  }
  first_ = false;
  return with_gaps(window, with_gaps(window, regions, find_raw_planes), find_raw_sound);
}

bool RegionFinder::find_jpeg(std::span<const std::uint8_t> window, std::size_t at,
                             std::vector<Region>& regions) {
  const std::optional<FoundJpeg> found = codec::find_jpeg(window.subspan(at));
  if (!found) return false;
  regions.push_back({at, found->size, BlockKind::jpeg});
  in_scan_ = found->goes_on;
  return true;
}

// What is left goes on where it stopped if that was between samples, else with the next row.
void RegionFinder::resume(std::span<const std::uint8_t> window, std::vector<Region>& regions) {
  if (std::exchange(in_scan_, false)) {
    const FoundJpeg rest = rest_of_scan(window);
    if (rest.size > 0) regions.push_back({0, rest.size, {BlockKind::jpeg, jpeg_goes_on}});
    in_scan_ = rest.goes_on;
  }
  if (left_ == 0) return;
  if (between_samples_) {
    type_.layout |= 1u;
    return take(0, window, regions);
  }
  const std::uint64_t skipped = unit_ - into_row_;
  if (skipped >= left_ || skipped >= window.size()) {
    left_ = 0;
    return;
  }
  left_ -= skipped;
  into_row_ = 0;
  type_.layout &= ~std::uint64_t{1};
  take(static_cast<std::size_t>(skipped), window, regions);
}

void RegionFinder::take(std::size_t at, std::span<const std::uint8_t> window, std::vector<Region>& regions) {
  std::uint64_t size = std::min<std::uint64_t>(left_, window.size() - at);
  const bool ends = size == left_;
  const std::uint32_t sample = sample_size(type_);
  if (!ends) size -= size % sample;
  if (size > 0) regions.push_back({at, static_cast<std::size_t>(size), type_});
  // What is left over between two windows is no sample: the region goes on with the next row.
  const std::uint64_t seen = window.size() - at;
  between_samples_ = seen % sample == 0;
  into_row_ = (into_row_ + seen) % unit_;
  left_ = ends ? 0 : left_ - seen;
}

}  // namespace ssmz::codec
