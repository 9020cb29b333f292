// SPDX-License-Identifier: Apache-2.0
// Regions that lie in something larger are given up to it, unless they are most of it.
#include "codec/frame/archives_in_plan.hpp"

#include <algorithm>

#include "codec/transform/objects.hpp"
#include "codec/transform/windows_image.hpp"
#include "codec/transform/zip.hpp"
#include "codec/transform/zip_archive.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// What is copied from near costs little more within an archive, where models find it again; from further back
// they do not. An archive of 718,822 bytes, half of them copied, at -1: in pieces 217,315, as one 194,947.
constexpr std::size_t near = std::size_t{1} << 20, most_near_quarters = 3, most_far_share = 16;

bool overlap(const Region& is, const WrittenPart& part) {
  return is.at < part.at + part.size && part.at < is.at + is.size;
}

/// Of the regions that overlap a part.
struct Within {
  bool any = false;
  bool whole = true;       // none goes on outside
  std::size_t copied = 0;  // bytes
  std::size_t far = 0;     // of these, those that are copied from further back than `near`
};
Within within(const std::vector<Region>& regions, const WrittenPart& part) {
  Within found;
  for (const Region& is : regions) {
    if (!overlap(is, part)) continue;
    found.any = true;
    found.whole = found.whole && is.at >= part.at && is.at + is.size <= part.at + part.size;
    if (is.type.kind != BlockKind::copy) continue;
    found.copied += is.size;
    if (is.type.layout >= near) found.far += is.size;
  }
  return found;
}

/// Whether a member that holds a picture or sound is copied in part.
bool copies_media(Bytes window, const std::vector<Region>& regions, const WrittenPart& archive) {
  const FoundZip found = zip_at(window.subspan(archive.at, archive.size), most_held(~std::uint64_t{0}));
  return std::ranges::any_of(found.media, [&](const ZipRange& member) {
    return std::ranges::any_of(regions, [&](const Region& is) {
      return is.type.kind == BlockKind::copy && is.at < archive.at + member.end &&
             archive.at + member.at < is.at + is.size;
    });
  });
}

void give_up(std::vector<Region>& regions, const WrittenPart& part) {
  std::erase_if(regions, [&](const Region& is) { return overlap(is, part); });
}

}  // namespace

std::vector<WrittenPart> find_wholes(Bytes window) {
  std::vector<WrittenPart> wholes;
  find_images(window, wholes);
  find_objects(window, wholes);
  return wholes;
}

void give_up_to_wholes(Bytes window, std::span<const WrittenPart> wholes, std::vector<Region>& regions) {
  for (const WrittenPart& part : wholes) {
    const Within is = within(regions, part);
    if (!is.any || !is.whole || is.copied > part.size / 4) continue;
    if (plain_of(part.layout, window.subspan(part.at, part.size))) give_up(regions, part);
  }
}

std::vector<WrittenPart> take_archives(Bytes window, std::span<const WrittenPart> wholes,
                                       std::uint64_t plain_left, std::vector<Region>& regions) {
  std::vector<WrittenPart> archives;
  find_zips(window, archives, plain_left);
  if (archives.empty()) return archives;
  std::erase_if(archives, [&](const WrittenPart& archive) {
    const Within is = within(regions, archive);
    return !is.whole || is.copied > archive.size / 4 * most_near_quarters ||
           is.far > archive.size / most_far_share ||
           (is.copied != 0 && copies_media(window, regions, archive)) ||
           std::ranges::any_of(wholes, [&](const WrittenPart& whole) {
             return overlap({whole.at, whole.size, {}}, archive);
           });
  });
  for (const WrittenPart& archive : archives) give_up(regions, archive);
  return archives;
}

}  // namespace ssmz::codec
