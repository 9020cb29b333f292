// SPDX-License-Identifier: Apache-2.0
// Writes and reads the seek table.
#include "codec/frame/seek_table.hpp"

#include <algorithm>
#include <limits>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/frame/frame.hpp"

namespace ssmz::codec {

namespace {
constexpr std::size_t check_size = 4;
}  // namespace

void append_seek_entry(const SeekEntry& entry, std::vector<std::uint8_t>& out) {
  append_varint(entry.frame_size, out);
  append_varint(entry.content_size, out);
}

void append_seek_tail(std::uint64_t digest, std::uint64_t entries_size, std::vector<std::uint8_t>& out) {
  append_little_endian(digest, check_size, out);
  append_little_endian(seek_magic.size() + entries_size + seek_tail_size, 4, out);
  out.insert(out.end(), seek_magic.begin(), seek_magic.end());
}

void append_seek_table(std::span<const SeekEntry> entries, std::vector<std::uint8_t>& out) {
  std::vector<std::uint8_t> payload;
  for (const SeekEntry& entry : entries) append_seek_entry(entry, payload);
  const std::size_t size = seek_magic.size() + payload.size() + seek_tail_size;
  if (size > std::numeric_limits<std::uint32_t>::max()) return;
  append_seek_tail(checksum(payload), payload.size(), payload);
  const auto header = skippable_header(static_cast<std::uint32_t>(size));
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), seek_magic.begin(), seek_magic.end());
  out.insert(out.end(), payload.begin(), payload.end());
}

std::optional<std::uint64_t> seek_table_size(std::span<const std::uint8_t, seek_footer_size> footer) {
  const std::uint64_t payload = ByteReader(footer).little_endian(4);
  if (!std::equal(seek_magic.begin(), seek_magic.end(), footer.begin() + 4)) return std::nullopt;
  if (payload < seek_magic.size() + seek_tail_size) return std::nullopt;
  return payload + skippable_header_size;
}

std::optional<std::vector<SeekEntry>> read_seek_table(std::span<const std::uint8_t> stream) {
  if (stream.size() < seek_footer_size) return std::nullopt;
  const std::optional<std::uint64_t> size = seek_table_size(stream.last<seek_footer_size>());
  if (!size || *size > stream.size()) return std::nullopt;
  const auto table = stream.last(static_cast<std::size_t>(*size));
  const auto payload = table.subspan(skippable_header_size);
  if (!std::equal(skippable_magic.begin(), skippable_magic.end(), table.begin()) ||
      ByteReader(table.subspan(skippable_magic.size())).little_endian(4) != payload.size() ||
      !std::equal(seek_magic.begin(), seek_magic.end(), payload.begin()))
    return std::nullopt;
  const auto body = payload.subspan(seek_magic.size(), payload.size() - seek_magic.size() - seek_tail_size);
  const std::uint64_t check = ByteReader(payload.last(seek_tail_size)).little_endian(check_size);
  if ((checksum(body) & 0xFFFFFFFFu) != check) return std::nullopt;
  ByteReader reader(body);
  std::vector<SeekEntry> entries;
  while (reader.position() < body.size() && reader.state() == ByteReader::State::good) {
    SeekEntry entry;
    entry.frame_size = reader.varint();
    entry.content_size = reader.varint();
    entries.push_back(entry);
  }
  if (reader.state() != ByteReader::State::good) return std::nullopt;
  return entries;
}

}  // namespace ssmz::codec
