// SPDX-License-Identifier: Apache-2.0
// Walks over streams and files without keeping what they hold.
#include "codec/transform/unfinished.hpp"

#include <algorithm>

#include "codec/bzip2/bzip2.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/png.hpp"
#include "codec/transform/unwind.hpp"
#include "codec/transform/windows_image.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Walk {
  std::size_t size = 0;  // of a stream that is whole
  bool cut_off = false;
};

/// Where tokens lead; distances are looked at, so that few other bytes lead far.
Walk walk_deflated(Bytes bytes, std::size_t& work) {
  DeflateReader reader(bytes);
  std::uint64_t plain = 0;
  bool good = true;
  while (good) {
    good = reader.begin_block();
    if (good && reader.type() == DeflateBlock::stored) plain += reader.stored().size();
    DeflateToken token;
    std::uint8_t literal = 0;
    auto next = good && reader.type() != DeflateBlock::stored ? reader.next(token, literal)
                                                              : DeflateReader::Next::end;
    for (; next == DeflateReader::Next::token; next = reader.next(token, literal)) {
      if (token.distance > plain || plain > most_stream_plain) break;
      plain += std::max<std::uint64_t>(token.length, 1);
    }
    good = good && next == DeflateReader::Next::end;
    if (good && reader.is_last()) break;
  }
  work += std::min(reader.size(), bytes.size()) + static_cast<std::size_t>(plain);
  if (reader.overrun()) return {0, true};
  return {good ? reader.size() : 0, false};
}

}  // namespace

std::size_t unfinished_from(Bytes content) {
  const std::size_t most_waste = most_wasted(content.size());
  for (std::size_t at = 0, wasted = 0; at + least_stream <= content.size() && wasted < most_waste;) {
    const Bytes rest = content.subspan(at);
    if (is_png(rest)) {
      const std::size_t size = png_file_size(rest);
      if (size > rest.size()) return at;
      at += std::max<std::size_t>(size, 1);
      continue;
    }
    if (const std::size_t size = rest[0] == 'M' ? image_extent(rest) : 0;
        size != 0 && size <= most_plain_size) {
      if (size > rest.size()) return at;
      at += size;
      continue;
    }
    if (rest[0] == 1 && unwind_goes_on(rest, wasted)) return at;
    std::size_t header = stream_header_size(rest), work = 0;
    Walk walk;
    if (header != 0) {
      walk = walk_deflated(rest.subspan(header), work);
    } else if (rest[0] == 'B') {
      walk.size = bzip2_size(rest, work);
      walk.cut_off = walk.size > rest.size();
    }
    if (walk.cut_off) return at;
    if (walk.size == 0) wasted += work;
    at += walk.size != 0 ? header + walk.size : 1;
  }
  return content.size();
}

}  // namespace ssmz::codec
