// SPDX-License-Identifier: Apache-2.0
// Members one behind the other, and the central directory that they are followed by.
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "codec/base/header_reader.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/base/signature.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/zip.hpp"
#include "codec/transform/zip_archive.hpp"
#include "codec/transform/zip_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr Signature<4> local_sign{{'P', 'K', 3, 4}, 1};
constexpr std::uint32_t elsewhere = 0xFFFFFFFF;
// Of fewer bytes nothing is gained. Of members without a central directory, check values and sizes are.
constexpr std::size_t least_archive = 256, least_members = 4;
// What headers are in the directory, about.
constexpr std::size_t told_of_member = 24;
// A stream of such content is small whatever codes it; with what goes along with each.
constexpr std::size_t free_bytes = 64;
constexpr std::size_t least_correction_share = 5;

// How pictures and sound begin, and what holds streams that are read.
constexpr std::string_view media_signs[] = {"\xFF\xD8\xFF", "\x89PNG", "GIF8", "RIFF", "II*", "MM", "BM"},
                           packed_signs[] = {"PK\3\4", "\x1F\x8B\b", "%PDF", "BZh"};

bool begins_with_any(std::span<const std::string_view> signs, Bytes content) {
  const std::string_view begin(reinterpret_cast<const char*>(content.data()),
                               std::min<std::size_t>(content.size(), 4));
  return std::ranges::any_of(signs, [&](std::string_view is) { return begin.starts_with(is); });
}

/// What deflate hardly made smaller is random to models, and better stays as it is, unless it is of a kind
/// that shows what is within.
bool stays_deflated(Bytes content, std::size_t stream) {
  constexpr std::size_t least = 4096;
  if (content.size() < least || content.size() - content.size() / 32 > stream) return false;
  return !begins_with_any(media_signs, content) && !begins_with_any(packed_signs, content);
}

class ArchiveReader {
 public:
  ArchiveReader(Bytes content, std::uint64_t most_plain) : in_{content}, most_(most_plain) {}

  FoundZip read() {
    while (directory_.members.size() < most_zip_members && read_member()) {
    }
    FoundZip found;
    found.members = values_.size();
    found.work = work_;
    if (values_.empty()) return found;
    found.media = media_;
    found.whole = read_rows();
    found.size = end_;
    std::vector<std::uint8_t> told;
    append_zip_directory(directory_, told);
    append_varint(told.size(), found.front);
    append_varint(corrections_.size(), found.front);
    found.front.insert(found.front.end(), told.begin(), told.end());
    found.front.insert(found.front.end(), corrections_.begin(), corrections_.end());
    found.plain = contents_ + directory_.gap + found.front.size();
    return found;
  }

 private:
  /// Of what a header, or what follows the data, says.
  struct Stated {
    std::uint32_t crc = 0, packed = 0, size = 0;
    bool operator==(const Stated&) const = default;
  };
  [[nodiscard]] Stated stated(std::uint64_t at) const {
    return {in_.number(at, 4), in_.number(at + 4, 4), in_.number(at + 8, 4)};
  }
  [[nodiscard]] Bytes bytes(std::size_t at, std::size_t size) const { return in_.in.subspan(at, size); }
  [[nodiscard]] bool fits(std::uint64_t at, std::uint64_t size) const {
    return at <= in_.in.size() && size <= in_.in.size() - at;
  }
  template <std::size_t size>
  void copy(std::size_t at, std::array<std::uint8_t, size>& to) const {
    std::ranges::copy(bytes(at, size), to.begin());
  }

  /// The next member; false, with nothing changed, if there is none that can be told.
  bool read_member() {
    if (!fits(end_, zip_local_size) || in_.number(end_, 4) != zip_local_sign) return false;
    ZipMember is;
    copy(end_ + 4, is.form);
    copy(end_ + 10, is.time);
    const std::size_t name = in_.number(end_ + 26, 2), extra = in_.number(end_ + 28, 2);
    const std::size_t begin = end_ + zip_local_size + name + extra;
    if (!fits(begin, 0)) return false;
    work_ += begin - end_;
    is.name = bytes(end_ + zip_local_size, name);
    is.extra = bytes(end_ + zip_local_size + name, extra);
    if (std::ranges::find(is.name, '\n') != is.name.end()) return false;
    Stated header = stated(end_ + 14);
    if (header.packed == elsewhere && header.size == elsewhere && !read_wide(is, header)) return false;
    std::optional<Inflated> held;
    Bytes data;
    if (!read_data(is, header, begin, data, held)) return false;
    std::vector<std::uint8_t> corrections;
    if (held) write_anew(is, data, *held, corrections);
    return add(is, header, data, held, std::move(corrections));
  }

  /// Sizes that stand in a field of ZIP64.
  bool read_wide(ZipMember& is, Stated& header) const {
    if (is.extra.size() < zip_wide_field) return false;
    const HeaderReader field{is.extra};
    if (field.number(0, 4) != 0x00100001 || field.number(8, 4) != 0 || field.number(16, 4) != 0) return false;
    header.size = field.number(4, 4), header.packed = field.number(12, 4);
    is.extra = is.extra.subspan(zip_wide_field);
    is.sizes = ZipSizes::wide;
    return true;
  }

  /// The data, and what they hold if they are a stream.
  bool read_data(const ZipMember& is, const Stated& header, std::size_t begin, Bytes& data,
                 std::optional<Inflated>& held) {
    const bool follows = (is.form[2] & 8) != 0 && header.packed == 0;
    if (is.holds_deflated()) {
      const Bytes rest = in_.in.subspan(begin);
      held = inflate(follows || header.packed > rest.size() ? rest : rest.first(header.packed),
                     static_cast<std::size_t>(std::min<std::uint64_t>(most_, most_stream_plain)), work_);
      if (held && !follows && held->size != header.packed) held.reset();
      if (!held && follows) return false;
    }
    const std::size_t size = held ? held->size : header.packed;
    if (!fits(begin, size)) return false;
    data = bytes(begin, size);
    work_ += size;
    return true;
  }

  /// What a stream holds as content, if it can be written from it.
  void write_anew(ZipMember& is, Bytes data, const Inflated& held, std::vector<std::uint8_t>& corrections) {
    is.kept = true;
    if (held.plain.size() > most_deflate_ratio * (data.size() + free_bytes)) return;
    if (stays_deflated(held.plain, data.size())) return;
    std::optional<CorrectedStream> found =
        best_corrections(data, held.plain, last_, data.size() / least_correction_share);
    if (!found) return;
    last_ = found->parameters;
    corrections = std::move(found->corrections);
    is.kept = false;
  }

  bool add(ZipMember& is, const Stated& header, Bytes data, const std::optional<Inflated>& held,
           std::vector<std::uint8_t> corrections) {
    std::size_t end = static_cast<std::size_t>(data.data() - in_.in.data()) + data.size();
    const bool has_flag = (is.form[2] & 8) != 0;
    Stated said = header;
    if (has_flag && is.sizes != ZipSizes::wide) {
      const bool has_sign = in_.number(end, 4) == zip_descriptor_sign;
      const Stated behind = stated(end + (has_sign ? 4 : 0));
      const bool empty = header == Stated();
      if (behind.packed == data.size() && (empty || header == behind) && fits(end, has_sign ? 16 : 12) &&
          (!held || behind.size == held->plain.size())) {
        is.descriptor = has_sign ? ZipDescriptor::signed_one : ZipDescriptor::bare;
        is.sizes = empty ? ZipSizes::usual : ZipSizes::filled;
        said = behind;
      } else if (empty && !data.empty()) {
        return false;
      }
    }
    if (said.packed != data.size()) return false;
    if (!held) is.kept = is.holds_deflated();
    std::optional<ZipValues> values = true_values(is, data, held);
    if (!values || values->crc != said.crc || values->size != said.size) {
      is.kept = is.holds_deflated();
      is.told = true, is.crc = said.crc, is.size = said.size;
      values = ZipValues{said.crc, said.packed, said.size};
      corrections.clear();
    }
    end += zip_descriptor_bytes(is.descriptor);
    is.content = is.is_written() ? held->plain.size() : data.size();
    const std::uint64_t plain = contents_ + corrections_.size() + corrections.size() + is.content +
                                (directory_.members.size() + 1) * told_of_member + names_ + is.name.size() +
                                is.extra.size();
    if (plain > most_ || end > most_plain_size) return false;
    is.parameters = is.is_written() ? packed(last_) : parameters_;
    parameters_ = is.parameters;
    is.corrections = corrections.size();
    corrections_.insert(corrections_.end(), corrections.begin(), corrections.end());
    contents_ += is.content;
    names_ += is.name.size() + is.extra.size();
    values->at = end_;
    end_ = end;
    if (begins_with_any(media_signs, is.is_written() ? Bytes(held->plain) : data))
      media_.push_back({values->at, end});
    values_.push_back(*values);
    directory_.members.push_back(is);
    return true;
  }

  static std::optional<ZipValues> true_values(const ZipMember& is, Bytes data,
                                              const std::optional<Inflated>& held) {
    if (is.is_written()) {
      ZipMember content = is;  // what it holds, by itself
      content.form[4] = content.form[5] = 0;
      std::optional<ZipValues> values = zip_values(content, held->plain);
      values->packed = static_cast<std::uint32_t>(data.size());
      return values;
    }
    return zip_values(is, data);
  }

  /// The central directory and its end, or nothing of it.
  bool read_rows() {
    std::size_t at = end_;
    if (in_.number(at, 4) != zip_central_sign) {  // a block of signatures of Android's packages
      const std::uint64_t size = in_.number(at, 4);
      if (in_.number(at + 4, 4) == 0 && fits(at, 8 + size)) at += 8 + static_cast<std::size_t>(size);
    }
    const std::size_t rows_at = at;
    std::vector<ZipRow> rows;
    directory_.base = in_.number(at + 42, 4);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      ZipRow row;
      const std::size_t size = read_row(at, i, row);
      if (size == 0) return false;
      rows.push_back(row);
      at += size;
    }
    const std::size_t comment = in_.number(at + 20, 2), size = zip_end_size + comment;
    if (!fits(at, size) || at + size > most_plain_size) return false;
    ZipDirectory is;
    is.rows = rows;
    is.base = directory_.base;
    is.comment = bytes(at + zip_end_size, comment);
    std::vector<std::uint8_t> end;
    append_zip_end(is, rows_at, at, end);
    if (!std::ranges::equal(end, bytes(at, size))) return false;
    directory_.rows = std::move(rows);
    directory_.has_rows = true;
    directory_.gap = rows_at - end_;
    directory_.comment = is.comment;
    end_ = at + size;
    return true;
  }

  /// Bytes of a row that is member i's; 0 of another.
  std::size_t read_row(std::size_t at, std::size_t i, ZipRow& row) const {
    if (!fits(at, zip_central_size) || in_.number(at, 4) != zip_central_sign) return 0;
    const ZipMember& member = directory_.members[i];
    const std::size_t name = in_.number(at + 28, 2), extra = in_.number(at + 30, 2),
                      comment = in_.number(at + 32, 2), size = zip_central_size + name + extra + comment;
    if (!fits(at, size)) return 0;
    std::ranges::copy(bytes(at + 4, 2), row.attributes.begin());
    std::ranges::copy(bytes(at + 34, 8), row.attributes.begin() + 2);
    const Bytes fields = bytes(at + zip_central_size + name, extra);
    row.comment = bytes(at + size - comment, comment);
    row.extra = ZipExtra::told;
    for (const ZipExtra way : {ZipExtra::none, ZipExtra::same, ZipExtra::short_time}) {
      const auto is = zip_row_extra(way, member.extra);
      if (is && std::ranges::equal(*is, fields)) row.extra = way;
    }
    if (row.extra == ZipExtra::told) row.told_extra = fields;
    std::vector<std::uint8_t> written;
    append_zip_row(member, row, values_[i], directory_.base, written);
    return std::ranges::equal(written, bytes(at, size)) ? size : 0;
  }

  HeaderReader in_;
  std::uint64_t most_;
  ZipDirectory directory_;
  std::vector<ZipValues> values_;
  std::vector<std::uint8_t> corrections_;
  std::vector<ZipRange> media_;
  std::uint64_t contents_ = 0, names_ = 0, parameters_ = 0;
  std::size_t end_ = 0, work_ = 0;
  DeflateParameters last_;  // what is beside each other is of one writer
};

}  // namespace

FoundZip zip_at(Bytes content, std::uint64_t most_plain) {
  FoundZip found = ArchiveReader(content, most_plain).read();
  if (found.members == 0 || found.plain > most_plain) found.size = 0;
  return found;
}

void find_zips(Bytes content, std::vector<WrittenPart>& parts, std::uint64_t& plain_left) {
  const std::size_t most_waste = most_wasted(content.size());
  std::size_t wasted = 0;
  for (std::size_t at = local_sign.find(content, 0), next = 0; at < content.size() && wasted < most_waste;
       at = local_sign.find(content, next)) {
    next = at + 1;
    FoundZip found = zip_at(content.subspan(at), most_held(plain_left));
    if (found.size < least_archive || (!found.whole && found.members < least_members)) {
      wasted += found.work;
      continue;
    }
    plain_left -= found.plain;
    next = at + found.size;
    parts.push_back({at,
                     found.size,
                     {.transform = Transform::zip},
                     {},
                     std::make_shared<const std::vector<std::uint8_t>>(std::move(found.front))});
  }
}

}  // namespace ssmz::codec
