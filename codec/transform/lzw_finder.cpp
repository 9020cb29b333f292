// SPDX-License-Identifier: Apache-2.0
// Where LZW streams may begin, and whether what is there is one that we can write.
#include <algorithm>

#include "codec/base/byte_pairs.hpp"
#include "codec/base/header_reader.hpp"
#include "codec/transform/lzw_coded.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// Looks at streams, and counts what it looked at in vain.
class Search {
 public:
  Search(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left)
      : content_(content),
        parts_(parts),
        plain_left_(plain_left),
        most_wasted_(most_wasted(content.size())) {}

  [[nodiscard]] bool goes_on() const noexcept { return wasted_ < most_wasted_; }

  /// The bytes of the stream at `at` if it is one that we write, else 0. It is in `size` bytes.
  std::size_t take(std::size_t at, std::size_t size, LzwParameters parameters, PixelForm pixels = {}) {
    WrittenPart part{at, size, {.transform = Transform::lzw, .line = packed(parameters)}, pixels};
    std::size_t work = part.size;
    if (parameters.form == LzwForm::tiff) part.size = tiff_size(content_.subspan(at, size), work);
    std::optional<std::vector<std::uint8_t>> plain;
    if (part.size >= least_stream) plain = plain_of(part.layout, content_.subspan(at, part.size));
    if (!plain || plain->size() > plain_left_) {
      wasted_ += work;
      return 0;
    }
    plain_left_ -= plain->size();
    parts_.push_back(part);
    return part.size;
  }

 private:
  /// Of a stream that ends where its codes say.
  [[nodiscard]] std::size_t tiff_size(Bytes rest, std::size_t& work) const {
    work = 0;
    const std::optional<LzwContent> content =
        read_lzw({LzwForm::tiff, 8}, rest, most_held(plain_left_), work);
    return content ? content->size : 0;
  }

  Bytes content_;
  std::vector<WrittenPart>& parts_;
  std::uint64_t& plain_left_;
  std::size_t most_wasted_, wasted_ = 0;
};

/// Of GIF files; a code of 9 bits that clears, and one of a symbol.
constexpr BytePairs beginnings = [] {
  BytePairs pairs;
  pairs.add("GI");
  for (unsigned second = 0; second < 0x40; ++second) pairs.add(0x80, second);
  return pairs;
}();

/// Bytes of the palette whose size the low bits of `flags` tell.
std::size_t palette_size(std::uint8_t flags) {
  return (flags & 0x80) != 0 ? std::size_t{6} << (flags & 7) : 0;
}

/// Bytes of sub-blocks with the empty one at their end; 0 if they are cut off.
std::size_t sub_blocks_size(Bytes file, std::size_t at) {
  const std::size_t begin = at;
  while (at < file.size() && file[at] != 0) at += 1u + file[at];
  return at < file.size() ? at + 1 - begin : 0;
}

/// The images of a GIF file at `at` (GIF89a); returns where it ends or is none any more.
std::size_t take_images(Bytes content, std::size_t at, Search& search) {
  constexpr std::size_t header = 13, descriptor = 10, extension = 2;
  constexpr std::uint8_t image = 0x2C, extended = 0x21;
  if (content.size() - at < header) return content.size();
  at += header + palette_size(content[at + 10]);
  while (at + descriptor + 1 < content.size() && search.goes_on()) {
    const std::uint8_t kind = content[at];
    if (kind != image && kind != extended) break;
    std::size_t begin = at + extension;
    LzwParameters parameters;
    PixelForm pixels;
    if (kind == image) {
      const std::uint32_t width = HeaderReader{content, false}.number(at + 5, 2);
      if (width != 0) pixels = {.channels = 1, .bits = 8, .drawn = true, .row = width};
      begin = at + descriptor + palette_size(content[at + descriptor - 1]);
      if (begin >= content.size()) break;
      parameters = {LzwForm::gif, content[begin++]};
    }
    const std::size_t size = sub_blocks_size(content, begin);
    if (size == 0) break;
    if (kind == image && parameters.valid()) (void)search.take(begin, size, parameters, pixels);
    at = begin + size;
  }
  return std::min(at, content.size());
}

}  // namespace

void find_lzw(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left) {
  constexpr std::size_t compress_header = 3;
  constexpr std::uint8_t block_mode = 0x80, flag_bits = 0xE0;
  Search search(content, parts, plain_left);
  const HeaderReader reader{content, false};
  if (content.size() > compress_header && content[0] == 0x1F && content[1] == 0x9D &&
      (content[2] & flag_bits) == block_mode) {
    const LzwParameters parameters{LzwForm::compress, static_cast<std::uint8_t>(content[2] & ~flag_bits)};
    const std::size_t size = content.size() - compress_header;
    if (parameters.valid() && search.take(compress_header, size, parameters) != 0) return;
  }
  for (std::size_t at = 0; at + least_stream <= content.size() && search.goes_on();) {
    at = beginnings.find(content, at);
    if (at + least_stream > content.size()) break;
    if (reader.says(at, "GIF8")) {
      at = std::max(at + 1, take_images(content, at, search));
      continue;
    }
    std::size_t size = 0;
    if (content[at] == 0x80) size = search.take(at, content.size() - at, {LzwForm::tiff, 8});
    at += std::max<std::size_t>(size, 1);
  }
}

}  // namespace ssmz::codec
