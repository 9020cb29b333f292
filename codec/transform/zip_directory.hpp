// SPDX-License-Identifier: Apache-2.0
// What stands in front of the contents in the plain bytes of a ZIP archive: all of its headers that does not
// follow from the contents, in columns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ssmz::codec {

/// FORMAT. Signatures and sizes of APPNOTE.TXT, sections 4.3.7, 4.3.9, 4.3.12 and 4.3.16.
inline constexpr std::uint32_t zip_local_sign = 0x04034b50, zip_descriptor_sign = 0x08074b50,
                               zip_central_sign = 0x02014b50, zip_end_sign = 0x06054b50;
inline constexpr std::size_t zip_local_size = 30, zip_central_size = 46, zip_end_size = 22,
                             zip_descriptor_size = 12;

/// FORMAT. Where a local header has the CRC and the sizes.
enum class ZipSizes : std::uint8_t {
  usual = 0,   ///< In it, or, if a descriptor follows, 0 in it.
  filled = 1,  ///< In it although a descriptor follows.
  wide = 2,    ///< The sizes in an extra field of ZIP64 that is the first, with which no descriptor goes.
};

/// FORMAT. What follows a member's data.
enum class ZipDescriptor : std::uint8_t { none = 0, signed_one = 1, bare = 2 };

/// FORMAT. Bytes of that field, and where its sizes stand in it.
inline constexpr std::size_t zip_wide_field = 20, zip_wide_sizes = 4;

/// A member of a ZIP archive: what is told of it.
struct ZipMember {
  std::array<std::uint8_t, 6> form{};  ///< Version needed, flags, method.
  std::array<std::uint8_t, 4> time{};
  std::uint64_t parameters = 0;         ///< TransformLayout::line of a deflate stream that is written anew.
  std::uint64_t corrections = 0;        ///< Bytes of its corrections.
  std::uint64_t content = 0;            ///< Bytes among the contents.
  std::span<const std::uint8_t> name;   ///< Without 10 (LF) in it.
  std::span<const std::uint8_t> extra;  ///< Of ZipSizes::wide without the sizes.
  ZipDescriptor descriptor = ZipDescriptor::none;
  ZipSizes sizes = ZipSizes::usual;
  bool kept = false;  ///< What is deflated stays so.
  bool told = false;  ///< `crc` and `size` do not follow from the contents.
  std::uint32_t crc = 0;
  std::uint32_t size = 0;  ///< Of what the member holds.

  [[nodiscard]] unsigned method() const noexcept { return form[4] | form[5] << 8; }
  [[nodiscard]] bool encrypted() const noexcept { return (form[2] & 1) != 0; }
  [[nodiscard]] bool holds_deflated() const noexcept { return method() == 8 && !encrypted(); }
  /// Its content is what it holds, and the stream is written from it.
  [[nodiscard]] bool is_written() const noexcept { return holds_deflated() && !kept; }
};

/// FORMAT. The extra field of a row of the central directory.
enum class ZipExtra : std::uint8_t {
  same = 0,  ///< As in the local header.
  none = 1,
  short_time = 2,  ///< So, but a field of times that is the first has only the first one.
  told = 3,
};

/// A row of the central directory, which is of the member behind that of the row before it.
struct ZipRow {
  std::array<std::uint8_t, 10> attributes{};  ///< Made by, then disk, internal, external.
  ZipExtra extra = ZipExtra::same;
  std::span<const std::uint8_t> told_extra, comment;
};

/// FORMAT. The directory of a part of an archive: members one behind the other, and maybe the central
/// directory, which has them all in this order, and is then the rest of the part.
struct ZipDirectory {
  std::vector<ZipMember> members;
  bool has_rows = false;
  std::vector<ZipRow> rows{};             ///< As many as members, or none.
  std::uint64_t gap = 0;                  ///< Bytes between members and the central directory.
  std::uint64_t base = 0;                 ///< The first member's place in the archive, less than 2^32.
  std::span<const std::uint8_t> comment;  ///< Of the archive.
};

/// FORMAT. As many as an archive without ZIP64 can have.
inline constexpr std::size_t most_zip_members = 65535;

/// Appends it.
void append_zip_directory(ZipDirectory directory, std::vector<std::uint8_t>& out);
/// Reads what append_zip_directory() wrote, all of `in`, which spans then point into; nothing of other bytes.
[[nodiscard]] std::optional<ZipDirectory> read_zip_directory(std::span<const std::uint8_t> in);

}  // namespace ssmz::codec
