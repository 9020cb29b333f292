// SPDX-License-Identifier: Apache-2.0
// Where bzip2's streams begin, and whether libbz2 would write them.
#include "codec/transform/bzip2_coded.hpp"

#include <algorithm>

#include "codec/bzip2/bzip2.hpp"

namespace ssmz::codec {

using Bytes = std::span<const std::uint8_t>;

bool valid_bzip2_layout(const TransformLayout& layout) noexcept {
  return !layout.crlf && layout.line >= 1 && layout.line <= 9;
}

std::optional<std::vector<std::uint8_t>> from_bzip2(Bytes raw) {
  std::size_t work = 0;
  std::optional<Bzip2Content> content = read_bzip2(raw, most_stream_plain, work);
  if (!content || content->size != raw.size()) return std::nullopt;
  return std::move(content->plain);
}

void find_bzip2(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left) {
  const std::size_t most_waste = most_wasted(content.size());
  std::size_t wasted = 0;
  for (std::size_t at = 0; wasted < most_waste;) {
    at = bzip2_name.find(content, at);
    if (at + least_stream > content.size()) break;
    const Bytes rest = content.subspan(at);
    const unsigned level = bzip2_level(rest);
    ++at;
    if (level == 0) continue;
    std::size_t work = 0;
    const std::optional<Bzip2Content> found = read_bzip2(rest, most_held(plain_left), work);
    WrittenPart part{at - 1, found ? found->size : 0, {.transform = Transform::bzip2}};
    part.layout.line = static_cast<std::uint16_t>(level);
    std::vector<std::uint8_t> written;
    const bool good = part.size >= least_stream && append_bzip2(level, found->plain, part.size, written) &&
                      std::equal(written.begin(), written.end(), rest.begin());
    if (!good) {
      wasted += work + written.size();
      continue;
    }
    plain_left -= found->plain.size();
    parts.push_back(part);
    at = part.at + part.size;
  }
}

}  // namespace ssmz::codec
