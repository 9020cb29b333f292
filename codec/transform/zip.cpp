// SPDX-License-Identifier: Apache-2.0
// Contents taken out of archives, and archives written around them.
#include "codec/transform/zip.hpp"

#include "codec/base/check_values.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/deflate/corrections.hpp"
#include "codec/deflate/inflate.hpp"
#include "codec/transform/deflated.hpp"
#include "codec/transform/zip_archive.hpp"
#include "codec/transform/zip_headers.hpp"

namespace ssmz::codec {
namespace {

using Bytes = std::span<const std::uint8_t>;

TransformLayout stream_layout(const ZipMember& member) {
  return {.transform = Transform::deflated, .line = static_cast<std::uint16_t>(member.parameters)};
}

/// What writes an archive: each step is refused that would need more than there is or give more than `size`.
class ArchiveWriter {
 public:
  ArchiveWriter(Bytes corrections, Bytes contents, std::size_t size, std::vector<std::uint8_t>& raw)
      : corrections_(corrections), contents_(contents), start_(raw.size()), size_(size), raw_(raw) {}

  bool append(const ZipDirectory& directory) {
    std::vector<ZipValues> values;
    for (const ZipMember& member : directory.members) {
      const std::optional<ZipValues> is = append_member(member);
      if (!is) return false;
      values.push_back(*is);
    }
    if (directory.has_rows && !append_rows(directory, values)) return false;
    return corrections_.empty() && contents_.empty();
  }

 private:
  [[nodiscard]] std::size_t written() const { return raw_.size() - start_; }
  /// Takes the next bytes; nothing if there are fewer.
  static std::optional<Bytes> take(std::uint64_t size, Bytes& from) {
    if (size > from.size()) return std::nullopt;
    const Bytes taken = from.first(static_cast<std::size_t>(size));
    from = from.subspan(taken.size());
    return taken;
  }

  std::optional<ZipValues> append_member(const ZipMember& member) {
    const std::optional<Bytes> content = take(member.content, contents_);
    const std::optional<Bytes> corrections = take(member.corrections, corrections_);
    if (!content || !corrections || written() > size_) return std::nullopt;
    std::optional<ZipValues> values;
    std::vector<std::uint8_t> stream;
    Bytes data = *content;
    if (member.is_written()) {
      const TransformLayout layout = stream_layout(member);
      if (member.told || layout.line != member.parameters || stream_check(layout) != StreamCheck::none ||
          !valid_deflated_layout(layout) ||
          !append_deflated(deflate_parameters(layout), *corrections, *content, size_ - written(), stream))
        return std::nullopt;
      data = stream;
      values = ZipValues{crc32(*content), static_cast<std::uint32_t>(data.size()),
                         static_cast<std::uint32_t>(content->size())};
    } else {
      values = zip_values(member, data);
    }
    if (!values) return std::nullopt;
    values->at = written();
    append_zip_local(member, *values, raw_);
    raw_.insert(raw_.end(), data.begin(), data.end());
    append_zip_descriptor(member, *values, raw_);
    return written() <= size_ ? values : std::nullopt;
  }

  bool append_rows(const ZipDirectory& directory, const std::vector<ZipValues>& values) {
    const std::optional<Bytes> gap = take(directory.gap, contents_);
    if (!gap) return false;
    raw_.insert(raw_.end(), gap->begin(), gap->end());
    const std::size_t at = written();
    for (std::size_t i = 0; i < values.size() && written() <= size_; ++i)
      append_zip_row(directory.members[i], directory.rows[i], values[i], directory.base, raw_);
    append_zip_end(directory, at, written(), raw_);
    return true;
  }

  Bytes corrections_, contents_;
  std::size_t start_, size_;
  std::vector<std::uint8_t>& raw_;
};

struct Front {
  ZipDirectory directory;
  Bytes corrections;
  std::size_t size = 0;
};

std::optional<Front> read_front(Bytes plain) {
  const std::optional<ZipFront> sizes = zip_front(plain);
  if (!sizes) return std::nullopt;
  std::optional<ZipDirectory> directory =
      read_zip_directory(plain.subspan(sizes->head, sizes->directory - sizes->head));
  if (!directory) return std::nullopt;
  return Front{std::move(*directory), plain.subspan(sizes->directory, sizes->corrections),
               sizes->directory + sizes->corrections};
}

}  // namespace

bool valid_zip_layout(const TransformLayout& layout) noexcept { return !layout.crlf && layout.line == 0; }

std::optional<ZipFront> zip_front(Bytes plain) {
  ByteReader reader(plain);
  const std::uint64_t directory = reader.varint(), corrections = reader.varint();
  if (reader.state() != ByteReader::State::good) return std::nullopt;
  const std::size_t head = reader.position(), rest = plain.size() - head;
  if (directory > rest || corrections > rest - directory) return std::nullopt;
  return ZipFront{head, static_cast<std::size_t>(head + directory), static_cast<std::size_t>(corrections)};
}

std::optional<std::vector<std::uint8_t>> from_zip(Bytes raw, const KnownCorrections& known) {
  FoundZip found;
  if (!known) {
    found = zip_at(raw, most_stream_plain);
    if (found.size != raw.size()) return std::nullopt;
  }
  const std::vector<std::uint8_t>& kept = known ? *known : found.front;  // the directory points into it
  const std::optional<Front> front = read_front(kept);
  if (!front) return std::nullopt;
  std::vector<std::uint8_t> plain = kept;
  std::size_t at = 0;
  const auto give = [&](std::uint64_t size) {
    if (at > raw.size() || size > raw.size() - at) return false;
    const Bytes bytes = raw.subspan(at, static_cast<std::size_t>(size));
    plain.insert(plain.end(), bytes.begin(), bytes.end());
    at += bytes.size();
    return true;
  };
  for (const ZipMember& member : front->directory.members) {
    at += zip_local_size + member.name.size() + member.extra.size() +
          (member.sizes == ZipSizes::wide ? zip_wide_field : 0);
    if (member.is_written()) {
      std::size_t work = 0;
      const std::optional<Inflated> inflated =
          at <= raw.size() ? inflate(raw.subspan(at), static_cast<std::size_t>(member.content), work)
                           : std::nullopt;
      if (!inflated) return std::nullopt;
      plain.insert(plain.end(), inflated->plain.begin(), inflated->plain.end());
      at += inflated->size;
    } else if (!give(member.content)) {
      return std::nullopt;
    }
    at += zip_descriptor_bytes(member.descriptor);
  }
  if (!give(front->directory.gap)) return std::nullopt;
  return plain;
}

bool append_zip(Bytes plain, std::size_t size, std::vector<std::uint8_t>& raw) {
  const std::optional<Front> front = read_front(plain);
  return front &&
         ArchiveWriter(front->corrections, plain.subspan(front->size), size, raw).append(front->directory);
}

}  // namespace ssmz::codec
