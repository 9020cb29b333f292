// SPDX-License-Identifier: Apache-2.0
// Directories of TIFF files, and which of the parts lie where they say.
#include "codec/transform/tiff_strips.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "codec/base/tiff_directory.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// A deflate stream stands behind zlib's header.
constexpr std::uint64_t longest_stream_header = 2;

std::optional<PixelForm> form_of(const TiffDirectory& is, bool big_endian) {
  constexpr std::uint32_t ycbcr = 6, apart = 2, differences = 2;
  const std::uint32_t channels = is.planar == apart ? 1 : is.channels;
  if (is.photometric == ycbcr || channels < 1 || channels > 4) return {};
  if (is.predictor < 1 || is.predictor > differences) return {};
  const std::uint64_t columns = is.tile_width ? is.tile_width : is.width;
  const std::uint64_t row = (columns * channels * is.bits + 7) / 8;
  const bool bilevel = is.bits == 1 && channels == 1 && is.predictor == 1;
  const bool halves = is.bits == 4 && is.photometric == tiff_palette;
  if ((is.bits != 8 && is.bits != 16 && !bilevel && !halves) || row == 0 || row > longest_pixel_row)
    return {};
  if (is.photometric == tiff_palette) {
    if (is.predictor != 1 || channels != 1 || is.bits > 8) return {};
    return PixelForm{.channels = 1, .bits = 8, .drawn = true, .row = static_cast<std::uint32_t>(row)};
  }
  PixelForm form{.channels = static_cast<std::uint8_t>(channels), .bits = static_cast<std::uint8_t>(is.bits)};
  form.big_endian = big_endian && is.bits == 16;
  form.differences = is.predictor == differences;
  form.row = static_cast<std::uint32_t>(row);
  return form;
}

class Strips {
 public:
  Strips(Bytes content, std::vector<WrittenPart>& parts)
      : content_(content), parts_(parts), left_(content.size()) {
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i].layout.transform == Transform::lzw || parts[i].layout.transform == Transform::deflated)
        places_.emplace_back(parts[i].at, i);
    std::ranges::sort(places_);
  }
  [[nodiscard]] bool empty() const noexcept { return places_.empty(); }

  /// The file that may begin at `at`.
  void take_file(std::size_t at) {
    const std::optional<HeaderReader> file = tiff_reader(content_.subspan(at));
    if (!file) return;
    std::uint64_t place = file->number(tiff_directory_at, 4);
    while (place != 0 && afford(most_tiff_entries)) {
      const TiffDirectory is = read_tiff_directory(*file, place);
      take_picture(*file, is, at);
      place = is.next;
    }
  }

 private:
  void take_picture(const HeaderReader& file, const TiffDirectory& is, std::size_t at) {
    std::optional<PixelForm> form = form_of(is, file.big_endian);
    if (!form || !is.lists_pieces(file)) return;
    for (std::uint64_t i = 0; i < is.pieces && afford(1); ++i) {
      const std::uint64_t begin = at + is.piece_at(file, i);
      const auto found =
          std::ranges::lower_bound(places_, begin, {}, [](const auto& place) { return place.first; });
      if (found == places_.end() || found->first > begin + longest_stream_header) continue;
      parts_[found->second].pixels = *form;
      form->goes_on = true;
    }
  }
  /// Headers that are none could point to one long list.
  bool afford(std::size_t steps) {
    constexpr std::size_t bytes_of_step = 8;
    if (left_ < steps * bytes_of_step) return false;
    left_ -= steps * bytes_of_step;
    return true;
  }

  Bytes content_;
  std::vector<WrittenPart>& parts_;
  std::size_t left_;
  std::vector<std::pair<std::uint64_t, std::size_t>> places_;  // of streams, rising; which part it is
};

}  // namespace

void set_tiff_pixels(Bytes content, std::vector<WrittenPart>& parts) {
  Strips strips(content, parts);
  if (strips.empty()) return;
  for (std::size_t at = 0; at + 8 <= content.size(); ++at)
    if ((content[at] == 'I' || content[at] == 'M') && content[at] == content[at + 1]) strips.take_file(at);
}

}  // namespace ssmz::codec
