// SPDX-License-Identifier: Apache-2.0
// Any bytes as content and as plain bytes, in any layout: what comes back is the same or nothing, and parts
// that are found lie apart and come back.
#include "codec/transform/transform.hpp"
#include "codec/transform/transform_finder.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace {

using ssmz::codec::Transform;
using ssmz::codec::TransformLayout;
using ssmz::fuzz::Bytes;
using ssmz::fuzz::require;
using Content = std::span<const std::uint8_t>;

void check_layout(TransformLayout layout, Content bytes) {
  layout.plain_size = 1;
  // Their sizes have the bits of these.
  if (holds_stream(layout.transform)) layout.upper_case = layout.ends_line = false;
  if (!ssmz::codec::valid_transform_layout(layout.packed())) return;
  require(TransformLayout::unpacked(layout.packed()) == layout, "a layout changes");
  if (const auto plain = plain_of(layout, bytes)) {
    Bytes raw;
    require(append_written(layout, *plain, bytes.size(), raw), "plain bytes are not written");
    require(std::equal(raw.begin(), raw.end(), bytes.begin(), bytes.end()), "content does not come back");
  }
  Bytes raw;
  (void)append_written(layout, bytes, 6 * bytes.size(), raw);
  const std::size_t size = raw.size();
  raw.clear();
  if (bytes.empty() || !append_written(layout, bytes, size, raw)) return;
  require(raw.size() == size, "another size than was asked for");
  if (layout.transform != Transform::charset || layout.crlf) return;
  const auto plain = plain_of(layout, raw);
  require(plain && std::equal(plain->begin(), plain->end(), bytes.begin(), bytes.end()),
          "two texts are written as one");
}

void check_parts(Content content) {
  std::size_t from = 0;
  for (const ssmz::codec::WrittenPart& part : ssmz::codec::find_written_parts(content)) {
    require(part.at >= from && part.size >= ssmz::codec::least_stream, "parts overlap or are small");
    require(part.at <= content.size() && part.size <= content.size() - part.at, "beyond the content");
    TransformLayout layout = part.layout;
    layout.plain_size = 1;
    require(ssmz::codec::valid_transform_layout(layout.packed()), "no such layout");
    from = part.at + part.size;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ssmz::fuzz::Input input(data, size);
  TransformLayout layout;
  const unsigned choice = input.choice();
  layout.transform = static_cast<Transform>(choice & 15u);
  layout.crlf = (choice & 16u) != 0;
  layout.upper_case = (choice & 32u) != 0;
  layout.ends_line = (choice & 64u) != 0;
  // The last of sixteen has no such forms: these are those behind it.
  if (layout.transform == Transform::instructions) {
    layout.transform = static_cast<Transform>((choice & 15u) + (choice >> 4));
    layout.crlf = layout.upper_case = layout.ends_line = false;
  }
  layout.line = input.choice();
  if ((choice & 128u) != 0)
    layout.line = static_cast<std::uint16_t>((layout.line * 16u + input.choice() % 16u) &
                                             TransformLayout::longest_line);
  if (has_rows(layout.transform) || layout.transform == Transform::instructions)
    layout.row = input.choice() % 64u;
  if (layout.transform == Transform::pages) layout.row = 512u << layout.row % 8u;
  check_layout(layout, input.rest());
  check_parts(input.rest());
  // So much that it is worth looking for.
  Bytes again;
  while (again.size() < 3000 && !input.rest().empty())
    again.insert(again.end(), input.rest().begin(), input.rest().end());
  check_parts(again);
  return 0;
}
