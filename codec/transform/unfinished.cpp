// SPDX-License-Identifier: Apache-2.0
// Walks over streams and files without keeping what they hold.
#include "codec/transform/unfinished.hpp"

#include <algorithm>

#include "codec/base/byte_pairs.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/bzip2/bzip2.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/png.hpp"
#include "codec/transform/unwind.hpp"
#include "codec/transform/windows_image.hpp"
#include "codec/transform/zip_directory.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Walk {
  std::size_t size = 0;  // of a stream that is whole
  bool cut_off = false;
};

/// Of deflate streams and their headers, PNG files, images of Windows, members of ZIP archives, lists of
/// unwind tables, and bzip2 streams.
constexpr BytePairs beginnings = [] {
  BytePairs pairs = stream_beginnings();
  pairs.add(0x89, 'P');
  pairs.add("MZ");
  pairs.add(0x01, 0x1B);
  pairs.add("BZ");
  return pairs;
}();

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

/// Members of a ZIP archive one behind the other, and its central directory: a part that is better whole.
class ArchiveWalk {
 public:
  /// Bytes that the header at `at` says that it and its data are, as far as it says so; 0 if there is none.
  std::size_t step(Bytes content, std::size_t at) {
    constexpr std::size_t most_descriptor = 16;
    const HeaderReader in{content.subspan(at)};
    const std::uint32_t sign = in.number(0, 4);
    std::size_t size = 0;
    if (sign == zip_local_sign) {
      const std::uint32_t method = in.number(8, 2);
      size = zip_local_size + in.number(26, 2) + in.number(28, 2);
      if (method == 0) size += in.number(18, 4);
      if (in.number(26, 2) == 0 || (method != 0 && method != 8)) size = 0;
    } else if (is_open(at, most_descriptor)) {
      if (sign == zip_central_sign)
        size = zip_central_size + in.number(28, 2) + in.number(30, 2) + in.number(32, 2);
      else if (sign == zip_end_sign && in.in.size() >= zip_end_size)
        end_ = 0;
    }
    if (size == 0) return 0;
    if (!is_open(at, most_descriptor)) begin_ = at;
    end_ = at + size;
    return size;
  }
  void extend(std::size_t end) { end_ = end; }

  /// Whether what ends up to `most` bytes in front of `at` goes on there.
  [[nodiscard]] bool is_open(std::size_t at, std::size_t most) const {
    return end_ != 0 && at >= end_ && at - end_ <= most;
  }
  /// Where the content is better cut that is cut at `at`.
  [[nodiscard]] std::size_t cut(Bytes content, std::size_t at) const {
    return content.size() - begin_ < most_plain_size ? begin_ : at;
  }

 private:
  std::size_t begin_ = 0;  // of the first member
  std::size_t end_ = 0;    // of what was walked over; 0: of no archive
};

}  // namespace

std::size_t unfinished_from(Bytes content) {
  const std::size_t most_waste = most_wasted(content.size());
  ArchiveWalk archive;
  std::size_t at = 0;
  for (std::size_t wasted = 0; at + least_stream <= content.size() && wasted < most_waste;) {
    at = std::min(beginnings.find(content, at), content.size() - least_stream + 1);
    if (at + least_stream > content.size()) break;
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
    const std::size_t in_archive = rest[0] == 'P' ? archive.step(content, at) : 0;
    if (in_archive > rest.size()) return archive.cut(content, at);
    if (rest[0] == 1 && unwind_goes_on(rest, wasted)) return at;
    std::size_t header = stream_header_size(rest), work = 0;
    Walk walk;
    if (header != 0) {
      walk = walk_deflated(rest.subspan(header), work);
    } else if (rest[0] == 'B') {
      walk.size = bzip2_size(rest, work);
      walk.cut_off = walk.size > rest.size();
    }
    if (walk.cut_off) return in_archive != 0 ? archive.cut(content, at) : at;
    if (walk.size == 0) wasted += work;
    at += walk.size != 0 ? header + walk.size : std::max<std::size_t>(in_archive, 1);
    if (in_archive != 0) archive.extend(at);
  }
  return archive.is_open(at, least_stream) ? archive.cut(content, content.size()) : content.size();
}

}  // namespace ssmz::codec
