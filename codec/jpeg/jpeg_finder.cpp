// SPDX-License-Identifier: Apache-2.0
// Reads a scan to see how far it is one.
#include "codec/jpeg/jpeg_finder.hpp"

#include <algorithm>

#include "codec/jpeg/jpeg_script.hpp"
#include "codec/jpeg/jpeg_segments.hpp"
#include "codec/jpeg/scan_reader.hpp"
#include "codec/samples/found_region.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool begins_segment(Bytes in) {
  if (in.size() < 4 || in[0] != jpeg_first_byte || in[2] > 0x10) return false;
  return std::ranges::find(jpeg_first_markers, in[1]) != jpeg_first_markers.end();
}

// One of several scans: with EOI, if it stands behind them.
std::optional<FoundJpeg> find_picture(Bytes in) {
  JpegPicture picture;
  if (!read_jpeg_picture(in, picture)) return std::nullopt;
  const Bytes rest = in.subspan(picture.size);
  const bool ends = rest.size() >= 2 && rest[0] == jpeg_first_byte && rest[1] == jpeg_end_of_image;
  return FoundJpeg{picture.size + (ends ? 2 : 0), false};
}

}  // namespace

FoundJpeg rest_of_scan(Bytes in) {
  for (std::size_t at = 0; at + 1 < in.size(); ++at) {
    if (in[at] != jpeg_first_byte) continue;
    const std::uint8_t next = in[at + 1];
    if (next == 0 || (next >= 0xd0 && next <= 0xd7)) continue;
    return {next == jpeg_end_of_image ? at + 2 : at, false};
  }
  return {in.size(), true};
}

std::optional<FoundJpeg> find_jpeg(Bytes in) {
  if (!begins_segment(in)) return std::nullopt;
  const std::optional<JpegHeader> header = read_jpeg_header(in);
  if (!header) {
    const std::optional<FoundJpeg> found = find_picture(in);
    return found && found->size >= least_region ? found : std::nullopt;
  }
  const Bytes data = in.subspan(header->size);
  ScanReader reader(*header, data);
  JpegMcu mcu;
  while (reader.read(mcu)) {
  }
  // Behind the last MCU that was read.
  const FoundJpeg rest = rest_of_scan(data.subspan(reader.at()));
  const bool complete = reader.place().mcu == header->mcus();
  const bool cut = rest.goes_on && rest.size < longest_jpeg_mcu;
  FoundJpeg found{header->size + reader.at(), cut && !complete};
  if (cut || (complete && rest.size < 8)) found.size += rest.size;
  if (found.size < least_region) return std::nullopt;
  return found;
}

}  // namespace ssmz::codec
