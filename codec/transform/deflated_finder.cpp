// SPDX-License-Identifier: Apache-2.0
// Headers in front of deflate streams, and whether what follows them is one that we can write.
#include <algorithm>
#include <memory>

#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Corrections are random to the models; of 1/16 of the stream, models still gain on it.
constexpr std::size_t least_correction_share = 5;

constexpr BytePairs beginnings = stream_beginnings();

/// Bytes in front of the stream if a header of zip begins here; 0 if none.
std::size_t zip_header(Bytes text) {
  constexpr std::size_t fixed = 30;
  if (text.size() < fixed || text[1] != 'K' || text[2] != 3 || text[3] != 4) return 0;
  if (text[8] != 8 || text[9] != 0 || (text[6] & 1) != 0) return 0;  // deflated, not encrypted
  const std::size_t size = fixed + (text[26] | text[27] << 8) + (text[28] | text[29] << 8);
  return size < text.size() ? size : 0;
}

std::size_t gzip_header(Bytes text) {
  constexpr std::size_t fixed = 10;
  constexpr unsigned head_check = 2, extra = 4, name = 8, comment = 16;
  if (text.size() < fixed || text[1] != 0x8B || text[2] != 8 || text[3] >= 32) return 0;
  std::size_t size = fixed;
  if ((text[3] & extra) != 0) {
    if (size + 2 > text.size()) return 0;
    size += 2u + (text[size] | text[size + 1] << 8);
  }
  for (const unsigned field : {name, comment}) {
    if ((text[3] & field) == 0) continue;
    while (size < text.size() && text[size] != 0) ++size;
    ++size;
  }
  if ((text[3] & head_check) != 0) size += 2;
  return size < text.size() ? size : 0;
}

std::size_t zlib_header(Bytes text) {
  const bool good =
      text.size() > 2 && text[0] <= 0x78 && (text[1] & 0x20) == 0 && (text[0] << 8 | text[1]) % 31 == 0;
  return good ? 2 : 0;
}

/// What stands behind a stream with a header that begins so.
StreamCheck check_behind(std::uint8_t first) {
  if (first == 'P') return StreamCheck::none;
  return first == 0x1F ? StreamCheck::crc32 : StreamCheck::adler32;
}

}  // namespace

std::size_t stream_header_size(Bytes text) {
  switch (text[0]) {
    case 'P': return zip_header(text);
    case 0x1F: return gzip_header(text);
    default: return text[0] % 16 == 8 ? zlib_header(text) : 0;
  }
}

void find_deflated(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left) {
  std::size_t wasted = 0;
  DeflateParameters last;  // what is beside each other is of one writer
  const std::size_t most_waste = most_wasted(content.size());
  const std::vector<WrittenPart> pngs = parts;  // their streams are known
  auto png = pngs.begin();
  for (std::size_t at = 0; at + least_stream <= content.size() && wasted < most_waste;) {
    const std::size_t next = beginnings.find(content, at);
    if (png != pngs.end() && next >= png->at) {
      at = std::max(at, png->at + png->size);
      ++png;
      continue;
    }
    if (next + least_stream > content.size()) break;
    at = next;
    const std::size_t header = stream_header_size(content.subspan(at));
    at += header != 0 ? header : 1;
    if (header == 0) continue;
    const Bytes rest = content.subspan(std::min(at, content.size()));
    std::size_t work = 0;
    const std::optional<Inflated> inflated = inflate(rest, most_held(plain_left), work);
    const std::size_t size = inflated ? inflated->size : 0;
    const bool fits = size >= least_stream && inflated->plain.size() <= most_deflate_ratio * size &&
                      inflated->plain.size() + size / least_correction_share <= most_stream_plain;
    std::optional<CorrectedStream> found;
    if (fits)
      found = best_corrections(rest.first(size), inflated->plain, last, size / least_correction_share);
    if (!found) {
      wasted += work;
      at -= header - 1;
      continue;
    }
    last = found->parameters;
    plain_left -= inflated->plain.size();
    StreamCheck check = check_behind(content[at - header]);
    const std::size_t check_size = right_check(check, inflated->plain, rest.subspan(size));
    if (check_size == 0) check = StreamCheck::none;
    parts.push_back({at,
                     size + check_size,
                     {.transform = Transform::deflated,
                      .crlf = !found->corrections.empty(),
                      .line = static_cast<std::uint16_t>(packed(found->parameters) |
                                                         static_cast<unsigned>(check) << stream_check_at)},
                     {},
                     std::make_shared<const Corrections>(std::move(found->corrections))});
    at += size + check_size;
  }
}

}  // namespace ssmz::codec
