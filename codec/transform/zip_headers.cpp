// SPDX-License-Identifier: Apache-2.0
// Fields in the order of APPNOTE.TXT, section 4.3.
#include "codec/transform/zip_headers.hpp"

#include <algorithm>

#include "codec/base/check_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/transform.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

// FORMAT. Bytes that a kept stream may hold for each of its own, and in all: time and memory are bounded.
constexpr std::size_t most_kept_ratio = 64, most_kept = most_stream_plain;
// FORMAT. The field of times (Info-ZIP's extended timestamp, 'UT') with one of them.
constexpr std::size_t field_head = 4, short_time_size = 5;

void append(Bytes bytes, std::vector<std::uint8_t>& raw) {
  raw.insert(raw.end(), bytes.begin(), bytes.end());
}

void append_values(std::uint32_t crc, std::uint32_t packed, std::uint32_t size,
                   std::vector<std::uint8_t>& raw) {
  append_little_endian(crc, 4, raw);
  append_little_endian(packed, 4, raw);
  append_little_endian(size, 4, raw);
}

}  // namespace

std::optional<ZipValues> zip_values(const ZipMember& member, Bytes data) {
  ZipValues values{.packed = static_cast<std::uint32_t>(data.size())};
  if (member.told) {
    values.crc = member.crc;
    values.size = member.size;
  } else if (member.holds_deflated()) {
    std::size_t work = 0;
    const std::optional<Inflated> inflated =
        inflate(data, std::min(most_kept, most_kept_ratio * data.size()), work);
    if (!inflated || inflated->size != data.size()) return std::nullopt;
    values.crc = crc32(inflated->plain);
    values.size = static_cast<std::uint32_t>(inflated->plain.size());
  } else {
    values.crc = crc32(data);
    values.size = values.packed;
  }
  return values;
}

void append_zip_local(const ZipMember& member, const ZipValues& values, std::vector<std::uint8_t>& raw) {
  constexpr std::uint32_t elsewhere = 0xFFFFFFFF;
  const bool wide = member.sizes == ZipSizes::wide;
  append_little_endian(zip_local_sign, 4, raw);
  append(member.form, raw);
  append(member.time, raw);
  if (member.descriptor != ZipDescriptor::none && member.sizes == ZipSizes::usual)
    append_values(0, 0, 0, raw);
  else
    append_values(values.crc, wide ? elsewhere : values.packed, wide ? elsewhere : values.size, raw);
  append_little_endian(member.name.size(), 2, raw);
  append_little_endian(member.extra.size() + (wide ? zip_wide_field : 0), 2, raw);
  append(member.name, raw);
  if (wide) {
    append_little_endian(1, 2, raw);
    append_little_endian(zip_wide_field - zip_wide_sizes, 2, raw);
    append_little_endian(values.size, 8, raw);
    append_little_endian(values.packed, 8, raw);
  }
  append(member.extra, raw);
}

std::size_t zip_descriptor_bytes(ZipDescriptor descriptor) noexcept {
  if (descriptor == ZipDescriptor::none) return 0;
  return zip_descriptor_size + (descriptor == ZipDescriptor::signed_one ? 4 : 0);
}

void append_zip_descriptor(const ZipMember& member, const ZipValues& values, std::vector<std::uint8_t>& raw) {
  if (member.descriptor == ZipDescriptor::none) return;
  if (member.descriptor == ZipDescriptor::signed_one) append_little_endian(zip_descriptor_sign, 4, raw);
  append_values(values.crc, values.packed, values.size, raw);
}

std::optional<std::vector<std::uint8_t>> zip_row_extra(ZipExtra extra, Bytes local) {
  std::vector<std::uint8_t> is;
  if (extra == ZipExtra::same) append(local, is);
  if (extra != ZipExtra::short_time) return is;
  const std::size_t size = local.size() < field_head ? 0 : local[2] | local[3] << 8;
  if (size < short_time_size || size > local.size() - field_head || local[0] != 'U' || local[1] != 'T')
    return std::nullopt;
  append(local.first(field_head + short_time_size), is);
  is[2] = short_time_size, is[3] = 0;
  append(local.subspan(field_head + size), is);
  return is;
}

void append_zip_row(const ZipMember& member, const ZipRow& row, const ZipValues& values, std::uint64_t base,
                    std::vector<std::uint8_t>& raw) {
  const auto attributes = std::span(row.attributes);
  append_little_endian(zip_central_sign, 4, raw);
  append(attributes.first(2), raw);
  append(member.form, raw);
  append(member.time, raw);
  append_values(values.crc, values.packed, values.size, raw);
  append_little_endian(member.name.size(), 2, raw);
  std::vector<std::uint8_t> extra(row.told_extra.begin(), row.told_extra.end());
  if (row.extra != ZipExtra::told) extra = zip_row_extra(row.extra, member.extra).value_or(extra);
  append_little_endian(extra.size(), 2, raw);
  append_little_endian(row.comment.size(), 2, raw);
  append(attributes.subspan(2), raw);
  append_little_endian(base + values.at, 4, raw);
  append(member.name, raw);
  append(extra, raw);
  append(row.comment, raw);
}

void append_zip_end(const ZipDirectory& directory, std::size_t rows_at, std::size_t end,
                    std::vector<std::uint8_t>& raw) {
  append_little_endian(zip_end_sign, 4, raw);
  append_little_endian(0, 4, raw);
  append_little_endian(directory.rows.size(), 2, raw);
  append_little_endian(directory.rows.size(), 2, raw);
  append_little_endian(end - rows_at, 4, raw);
  append_little_endian(directory.base + rows_at, 4, raw);
  append_little_endian(directory.comment.size(), 2, raw);
  append(directory.comment, raw);
}

}  // namespace ssmz::codec
