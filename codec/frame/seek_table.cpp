// SPDX-License-Identifier: Apache-2.0
// Writes and reads the seek table.
#include "codec/frame/seek_table.hpp"

#include <algorithm>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/frame.hpp"

namespace ssmz::codec {

namespace {
constexpr std::size_t check_size = 4;
constexpr std::size_t smallest_payload = 1 + check_size + seek_footer_size;
}  // namespace

void append_seek_table(std::span<const SeekEntry> entries, std::vector<std::uint8_t>& out) {
  std::vector<std::uint8_t> payload;
  append_varint(entries.size(), payload);
  for (const SeekEntry& entry : entries) {
    append_varint(entry.frame_size, payload);
    append_varint(entry.content_size, payload);
  }
  append_little_endian(checksum(payload), check_size, payload);
  append_little_endian(payload.size() + seek_footer_size, 4, payload);
  payload.insert(payload.end(), seek_footer_magic.begin(), seek_footer_magic.end());
  out.insert(out.end(), skippable_magic.begin(), skippable_magic.end());
  append_little_endian(payload.size(), 4, out);
  out.insert(out.end(), payload.begin(), payload.end());
}

std::optional<std::uint64_t> seek_table_size(std::span<const std::uint8_t, seek_footer_size> footer) {
  const std::uint64_t payload = ByteReader(footer).little_endian(4);
  if (!std::equal(seek_footer_magic.begin(), seek_footer_magic.end(), footer.begin() + 4))
    return std::nullopt;
  if (payload < smallest_payload) return std::nullopt;
  return payload + skippable_header_size;
}

std::optional<std::vector<SeekEntry>> read_seek_table(std::span<const std::uint8_t> stream) {
  if (stream.size() < seek_footer_size) return std::nullopt;
  const std::optional<std::uint64_t> size = seek_table_size(stream.last<seek_footer_size>());
  if (!size || *size > stream.size()) return std::nullopt;
  const auto table = stream.last(static_cast<std::size_t>(*size));
  if (!std::equal(skippable_magic.begin(), skippable_magic.end(), table.begin())) return std::nullopt;
  const auto payload = table.subspan(skippable_header_size);
  const auto body = payload.first(payload.size() - seek_footer_size - check_size);
  const std::uint64_t check = ByteReader(payload.subspan(body.size())).little_endian(check_size);
  if ((checksum(body) & 0xFFFFFFFFu) != check) return std::nullopt;
  ByteReader reader(body);
  const std::uint64_t count = reader.varint();
  std::vector<SeekEntry> entries;
  for (std::uint64_t i = 0; i < count && reader.state() == ByteReader::State::good; ++i) {
    SeekEntry entry;
    entry.frame_size = reader.varint();
    entry.content_size = reader.varint();
    entries.push_back(entry);
  }
  if (reader.state() != ByteReader::State::good || reader.position() != body.size()) return std::nullopt;
  return entries;
}

}  // namespace ssmz::codec
