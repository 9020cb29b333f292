// SPDX-License-Identifier: Apache-2.0
// Archives of ZIP as several programs write them.
#pragma once

#include <string>
#include <vector>

#include "codec/base/check_values.hpp"
#include "codec/base/little_endian.hpp"
#include "tests/gzip_file.hpp"
#include "tests/test_data.hpp"

namespace ssmz::test {

struct Zipped {
  Bytes content;
  bool deflate = true;
  unsigned descriptor = 0;  ///< Bytes of it: 0, 12 or 16.
  bool filled = false;      ///< The header has what the descriptor has.
  bool wide = false;        ///< Sizes of ZIP64 in the local header.
  unsigned time_extra = 0;  ///< Times in the local header's extra field; the directory has one of them.
  std::string comment{};
  std::uint32_t crc_change = 0;
  unsigned flags = 0, method = 0;  ///< Or-ed to what they are.
};

struct ZipForm {
  std::size_t gap = 0;     ///< Bytes between members and directory, as Android's signatures are.
  std::size_t prefix = 0;  ///< Bytes that places count in front of the first member.
  std::string comment{};
};

/// A member as headers have it.
struct ZippedHeader {
  const Zipped& is;
  std::string name;
  std::size_t number, packed;

  void put(std::uint64_t value, std::size_t size, Bytes& out) const {
    codec::append_little_endian(value, size, out);
  }
  void times(unsigned told, unsigned count, Bytes& out) const {
    if (count == 0) return;
    put(0x5455, 2, out);
    put(1 + 4 * told, 2, out);
    put((1u << count) - 1, 1, out);
    for (unsigned i = 0; i < told; ++i) put(0x5f123456 + number * 77, 4, out);
  }
  void common(Bytes& out) const {
    put(20, 2, out);
    put((is.descriptor != 0 ? 8u : 0u) | is.flags, 2, out);
    put((is.deflate ? 8u : 0u) | is.method, 2, out);
    put(0x58A13C21 + number / 3, 4, out);
  }
  void values(bool told, bool wide, Bytes& out) const {
    put(told ? codec::crc32(is.content) ^ is.crc_change : 0, 4, out);
    put(told ? wide ? 0xFFFFFFFF : packed : 0, 4, out);
    put(told ? wide ? 0xFFFFFFFF : is.content.size() : 0, 4, out);
  }
  void local(Bytes& out) const {
    Bytes extra;
    if (is.wide) put(0x00100001, 4, extra), put(is.content.size(), 8, extra), put(packed, 8, extra);
    times(is.time_extra, is.time_extra, extra);
    put(0x04034b50, 4, out);
    common(out);
    values(is.descriptor == 0 || is.filled, is.wide, out);
    put(name.size(), 2, out);
    put(extra.size(), 2, out);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), extra.begin(), extra.end());
  }
  void row(std::size_t at, Bytes& out) const {
    Bytes extra;
    times(is.time_extra != 0 ? 1 : 0, is.time_extra, extra);
    put(0x02014b50, 4, out);
    put(0x031E, 2, out);
    common(out);
    values(true, false, out);
    put(name.size(), 2, out);
    put(extra.size(), 2, out);
    put(is.comment.size(), 2, out);
    put(number % 5 == 0 ? 1u << 16 : 0u, 4, out);
    put(0x81A40000, 4, out);
    put(at, 4, out);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), extra.begin(), extra.end());
    out.insert(out.end(), is.comment.begin(), is.comment.end());
  }
};

inline Bytes zip_file(const std::vector<Zipped>& members, const ZipForm& form = {}) {
  using codec::append_little_endian;
  Bytes file, rows;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Zipped& is = members[i];
    const Bytes data = is.deflate ? deflated(is.content) : is.content;
    const ZippedHeader header{is, "folder/of many/file" + std::to_string(i) + ".txt", i, data.size()};
    header.row(file.size() + form.prefix, rows);
    header.local(file);
    file.insert(file.end(), data.begin(), data.end());
    if (is.descriptor == 16) append_little_endian(0x08074b50, 4, file);
    if (is.descriptor != 0) header.values(true, false, file);
  }
  if (form.gap != 0) append_little_endian(form.gap - 8, 8, file);
  const Bytes between = random_bytes(form.gap != 0 ? form.gap - 8 : 0);
  file.insert(file.end(), between.begin(), between.end());
  const std::size_t rows_at = file.size() + form.prefix;
  file.insert(file.end(), rows.begin(), rows.end());
  append_little_endian(0x06054b50, 8, file);
  append_little_endian(members.size(), 2, file);
  append_little_endian(members.size(), 2, file);
  append_little_endian(rows.size(), 4, file);
  append_little_endian(rows_at, 4, file);
  append_little_endian(form.comment.size(), 2, file);
  file.insert(file.end(), form.comment.begin(), form.comment.end());
  return file;
}

}  // namespace ssmz::test
