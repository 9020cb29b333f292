// SPDX-License-Identifier: Apache-2.0
// The dictionary in front of a stream.
#include "codec/transform/pdf_images.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "codec/base/ascii.hpp"
#include "codec/transform/line_shape.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t zlib_header = 2;

/// What stands between the last `obj` and `stream`, if a stream's data begin where `before` ends.
Bytes dictionary_of(Bytes before) {
  constexpr std::size_t near = 1024;
  constexpr std::string_view word = "stream", object = "obj";
  before = before.last(std::min(near, before.size()));
  while (!before.empty() && ends_lines(before.back())) before = before.first(before.size() - 1);
  if (before.size() < word.size() || !begins_with(before.last(word.size()), word)) return {};
  before = before.first(before.size() - word.size());
  const auto found = std::find_end(before.begin(), before.end(), object.begin(), object.end());
  return found == before.end() ? before : before.subspan(static_cast<std::size_t>(found - before.begin()));
}

/// The number behind a key, `otherwise` if it is not there.
std::uint32_t number_of(Bytes dictionary, std::string_view key, std::uint32_t otherwise) {
  constexpr std::uint32_t most = 1u << 24;
  const auto found = std::search(dictionary.begin(), dictionary.end(), key.begin(), key.end());
  if (found == dictionary.end()) return otherwise;
  Bytes rest = dictionary.subspan(static_cast<std::size_t>(found - dictionary.begin()) + key.size());
  while (!rest.empty() && rest.front() == ' ') rest = rest.subspan(1);
  std::uint32_t value = 0;
  for (; !rest.empty() && is_digit(rest.front()) && value < most; rest = rest.subspan(1))
    value = value * 10 + (rest.front() - std::uint32_t{'0'});
  return value;
}

std::optional<PixelForm> form_of(Bytes dictionary) {
  constexpr std::uint32_t least_filter = 10, greatest_filter = 15;
  const std::uint32_t predictor = number_of(dictionary, "/Predictor", 1);
  if (predictor < least_filter || predictor > greatest_filter) return {};
  const std::uint32_t channels = number_of(dictionary, "/Colors", 1),
                      bits = number_of(dictionary, "/BitsPerComponent", 8);
  if (channels < 1 || channels > 4 || (bits != 8 && bits != 16)) return {};
  const std::uint64_t row = std::uint64_t{number_of(dictionary, "/Columns", 1)} * channels * (bits / 8);
  if (row == 0 || row > longest_pixel_row) return {};
  return PixelForm{.channels = static_cast<std::uint8_t>(channels),
                   .bits = static_cast<std::uint8_t>(bits),
                   .big_endian = bits == 16,
                   .filtered = true,
                   .drawn = channels == 1 && bits == 8 && contains(dictionary, "/Indexed"),
                   .row = static_cast<std::uint32_t>(row)};
}

}  // namespace

void set_pdf_pixels(Bytes content, std::vector<WrittenPart>& parts) {
  for (WrittenPart& part : parts) {
    if (part.layout.transform != Transform::deflated || part.at < zlib_header) continue;
    const Bytes dictionary = dictionary_of(content.first(part.at - zlib_header));
    if (const std::optional<PixelForm> form = form_of(dictionary)) part.pixels = *form;
  }
}

}  // namespace ssmz::codec
