// SPDX-License-Identifier: Apache-2.0
// Any bytes behind the first ones of a picture or sound: regions lie within their windows, rising, with
// layouts that a decoder takes.
#include <iterator>
#include <string_view>

#include "codec/block/registry.hpp"
#include "codec/frame/region_finder.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::fuzz::require;

constexpr std::string_view magics[] = {
    {"", 0},
    {"BM", 2},
    {"P4\n", 3},
    {"P5\n", 3},
    {"P6\n", 3},
    {"II*\0", 4},
    {"MM\0*", 4},
    {"RIFF", 4},
    {".snd", 4},
    {"FORM\0\0\0\0AIFF", 12},
    {"FORM\0\0\0\0AIFC", 12},
    {"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0", 22},
    {"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\3\0\2\0\0\0\0\0\0\0\0\0\0\0\x20\0", 36},
    {"FORM\0\0\0\0AIFCCOMM\0\0\0\x18\0\1\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0ulaw", 42},
    {"RIFF\0\0\0\0sfbkLIST\x10\x40\0\0sdtasmpl", 28},
};

void check(std::span<const std::uint8_t> window, const std::vector<ssmz::codec::Region>& regions) {
  std::size_t from = 0;
  for (const ssmz::codec::Region& region : regions) {
    require(region.at >= from && region.size > 0, "regions overlap or are empty");
    require(region.at <= window.size() && region.size <= window.size() - region.at, "beyond the window");
    const ssmz::codec::ContentKind* kind = ssmz::codec::find_kind(region.type.kind);
    require(kind && kind->valid_layout && kind->valid_layout(region.type.layout), "no such layout");
    from = region.at + region.size;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  const std::string_view magic = magics[input.choice() % std::size(magics)];
  const std::size_t piece = std::size_t{input.choice()} * 257;
  ssmz::fuzz::Bytes content(magic.begin(), magic.end());
  content.insert(content.end(), input.rest().begin(), input.rest().end());
  // So much that a region is worth its while: headers claim what they like.
  content.insert(content.end(), 20000, static_cast<std::uint8_t>(size));
  ssmz::codec::RegionFinder finder;
  ssmz::fuzz::in_pieces(content, piece, [&](std::span<const std::uint8_t> window) {
    check(window, finder.find(window));
    return true;
  });
  return 0;
}
