// SPDX-License-Identifier: Apache-2.0
// Headers of PNG files, their pixels' form, and whether their stream is one that we can write.
#include <algorithm>
#include <array>

#include "codec/base/header_reader.hpp"
#include "codec/base/signature.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/png.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr Signature<16> beginning = {
    {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'}, 6};
constexpr std::size_t header_size = 33;
// What the pictures' model gains on deflate pays for more corrections than others may have.
constexpr std::size_t least_correction_share = 4;

/// Bytes up to the end of the first run of chunks IDAT, and where it begins; 0: none.
struct Run {
  std::size_t at = 0, size = 0;
};
Run find_run(Bytes file, std::size_t& work) {
  const HeaderReader reader{file, true};
  Run run;
  for (std::size_t at = header_size; at + png_chunk_frame <= file.size();) {
    work += png_chunk_frame;
    const std::uint64_t size = reader.number(at, 4) + std::uint64_t{png_chunk_frame};
    const bool is_data = reader.says(at + 4, "IDAT");
    if (size > file.size() - at || (run.size != 0 && !is_data)) break;
    if (is_data && run.size == 0) run.at = at;
    if (is_data) run.size += static_cast<std::size_t>(size);
    at += static_cast<std::size_t>(size);
  }
  return run;
}

/// From the file's header: how rows lie if they are `size` bytes in all, with filter types.
void set_rows(Bytes header, std::size_t size, WrittenPart& part) {
  constexpr std::array<std::uint8_t, 7> channels_of = {1, 0, 3, 1, 2, 0, 4};  // by the type of colour
  const std::uint8_t depth = header[24], colour = header[25], passes = header[28];
  if (passes > 1 || colour >= channels_of.size() || channels_of[colour] == 0) return;
  if (depth == 0 || depth > 16) return;
  const HeaderReader reader{header, true};
  const std::uint64_t width = reader.number(16, 4), rows = reader.number(20, 4);
  const std::uint64_t pixel_bits = std::uint64_t{channels_of[colour]} * depth;
  const std::uint64_t row = (width * pixel_bits + 7) / 8, pixel = std::max<std::uint64_t>(pixel_bits / 8, 1);
  if (row == 0 || row > longest_pixel_row || rows == 0) return;
  if (passes != 0 ? pixel_bits % 8 != 0 : size % (row + 1) != 0) return;
  WrittenPart with_rows = part;
  with_rows.layout.row = static_cast<std::uint32_t>(row);
  with_rows.layout.line = static_cast<std::uint16_t>(part.layout.line | (pixel - 1) << pixel_bytes_at |
                                                     (passes != 0 ? png_interlaced : 0));
  if (png_types(with_rows.layout, size) + rows * row != size) return;
  part = with_rows;
  constexpr std::uint8_t palette = 3;
  const bool drawn = (colour == palette && depth != 1) || depth == 2 || depth == 4;
  part.pixels = {.channels = channels_of[colour],
                 .bits = drawn ? std::uint8_t{8} : depth,
                 .big_endian = depth > 8,
                 .drawn = drawn,
                 .row = part.layout.row};
}

/// How the stream in a run of chunks is written, and bytes of what it holds.
struct Found {
  CorrectedStream stream;
  std::size_t content = 0;
};
std::optional<Found> corrected(Bytes run, DeflateParameters last, std::uint64_t plain_left,
                               std::size_t& work) {
  if (run.size() < least_stream) return std::nullopt;
  work += run.size();
  const std::optional<PngChunks> chunks = read_png_chunks(run);
  if (!chunks) return std::nullopt;
  const Bytes stream = chunks->stream();
  const std::optional<Inflated> inflated = inflate(stream, most_held(plain_left), work);
  if (!inflated || inflated->size != stream.size()) return std::nullopt;
  if (inflated->plain.size() > most_deflate_ratio * stream.size()) return std::nullopt;
  std::optional<CorrectedStream> found =
      best_corrections(stream, inflated->plain, last, stream.size() / least_correction_share);
  if (!found) return std::nullopt;
  return Found{std::move(*found), inflated->plain.size()};
}

}  // namespace

bool is_png(Bytes file) { return beginning.begins(file); }

std::size_t png_file_size(Bytes file) {
  const HeaderReader reader{file, true};
  std::uint64_t at = 8;  // behind the signature
  while (at + png_chunk_frame <= file.size()) {
    const bool ends = reader.says(at + 4, "IEND");
    at += reader.number(at, 4) + std::uint64_t{png_chunk_frame};
    if (ends) return static_cast<std::size_t>(at);
  }
  return static_cast<std::size_t>(std::max<std::uint64_t>(at, file.size() + 1));
}

void find_pngs(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left) {
  DeflateParameters last;
  std::size_t wasted = 0;
  const std::size_t most_waste = most_wasted(content.size());
  for (std::size_t at = 0; wasted < most_waste;) {
    at = beginning.find(content, at);
    if (content.size() - at < header_size) return;
    const Bytes file = content.subspan(at);
    at += header_size;
    std::size_t work = 0;
    const Run run = find_run(file, work);
    std::optional<Found> found = corrected(file.subspan(run.at, run.size), last, plain_left, work);
    if (!found) {
      wasted += work;
      continue;
    }
    last = found->stream.parameters;
    plain_left -= found->content;
    WrittenPart part{content.size() - file.size() + run.at, run.size, {.transform = Transform::png}};
    part.layout.line = packed(last);
    part.corrections = std::make_shared<const Corrections>(std::move(found->stream.corrections));
    set_rows(file, found->content, part);
    parts.push_back(part);
    at = part.at + part.size;
  }
}

}  // namespace ssmz::codec
